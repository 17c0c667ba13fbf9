# お知らせの設定と、アカウントについてのお知らせ
notify-test-subject = 送信テスト
notify-test-body = これは送信テストです。このメッセージが届いていれば、設定は正しく働いています。
notify-test-link = お知らせの状況を見る

# アカウントについてのお知らせ
notify-invited-subject = { $tenant } からの招待
notify-invited-body =
    { $name } 様

    { $tenant } の入退室と鍵の管理システム「関所」に招待されました。
    下のボタンからパスワードを設定すると、ご利用を始められます。このリンクは { $until } まで、一度だけお使いいただけます。

    お心当たりのない場合は、このメールを破棄してください。
notify-invited-link = パスワードを設定する
notify-reset-subject = パスワードの再設定
notify-reset-body =
    { $name } 様

    パスワードの再設定を受け付けました。下のボタンから新しいパスワードを設定してください。
    このリンクは { $until } まで、一度だけお使いいただけます。

    お心当たりのない場合は、何もする必要はありません。現在のパスワードはそのままお使いいただけます。
notify-reset-link = 新しいパスワードを設定する
notify-password-set-subject = パスワードが変更されました
notify-password-set-body =
    { $name } 様

    あなたのアカウントのパスワードが変更されました。
    お心当たりのない場合は、すぐに管理者へご連絡ください。
notify-security-link = サインインの状況を確認する
notify-locked-subject = アカウントがロックされました
notify-locked-body =
    { $name } 様

    { $factor ->
        [pin] 暗証番号
        [two_step] 確認コード
       *[password] パスワード
    }の入力を続けて間違えたため、アカウントをロックしました。
    ご本人の操作であれば、下のボタンからロックを解除できます（{ $until } まで）。

    お心当たりのない場合は、だれかがあなたの名前でサインインしようとした可能性があります。解除せずに、管理者へご連絡ください。
notify-locked-link = ロックを解除する
notify-code-subject = 確認コード
notify-code-body =
    { $name } 様

    { $purpose ->
        [box] キーボックスに入力する確認コードは
        [step_up] 操作を続けるための確認コードは
       *[sign_in] サインインのための確認コードは
    } { $code } です。5分以内に入力してください。

    このコードはだれにも教えないでください。お心当たりのない場合は、管理者へご連絡ください。
notify-code-short = 確認コード：{ $code }（5分間有効） { $tenant }。だれにも教えないでください。
notify-new-device-subject = 新しい端末からサインインがありました
notify-new-device-body =
    { $name } 様

    { $at } に、これまで使われていない端末からサインインがありました。

    端末：{ $agent }
    接続元：{ $address }

    ご本人であれば、何もする必要はありません。お心当たりのない場合は、下のボタンからその端末をサインアウトさせ、パスワードを変更してください。
