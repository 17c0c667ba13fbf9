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

# 画面
notify-title = お知らせの送信
notify-tab-notices = 送信状況
notify-tab-channels = 送信方法
notify-tab-webhooks = Webhook
notify-show = 表示
notify-state = 状態
notify-state-dead = 送信できませんでした
notify-state-queued = 送信待ち
notify-state-sent = 送信済み
notify-state-dropped = 取りやめ
notify-none-dead = 送信できなかったお知らせはありません
notify-none-queued = 送信待ちのお知らせはありません
notify-none-sent = 送信したお知らせはまだありません
notify-none-dropped = 取りやめたお知らせはありません
notify-none-text = 送信に失敗したお知らせは、理由とともにここに表示されます。原因を取り除いてから、再送信できます。
notify-what = 内容
notify-to = 宛先
notify-means = 手段
notify-when = 日時
notify-why = 結果
notify-outside = 社外の宛先
notify-nobody = 退職された方
notify-again = 再送信
notify-sent-again = もう一度送信します。
notify-dead-count = 送信できなかったお知らせ：{ $count } 件
notify-means-mail = メール
notify-means-sms = SMS
notify-means-push = プッシュ通知
notify-means-chat = チャット
notify-means-webhook = Webhook
notify-name = 名前
notify-kind = 種類
notify-save = 保存する
notify-back = 戻る
notify-remove = 削除
notify-saved = 保存しました。
notify-removed = 削除しました。
notify-channel-add = 送信方法を追加する
notify-channel-smtp = メール（SMTP）
notify-channel-sms = SMS ゲートウェイ
notify-channel-slack = Slack
notify-channel-teams = Microsoft Teams
notify-channel-test = 送信テスト
notify-test-sent = テストメッセージを送信します。結果は送信状況でご確認ください。
notify-channel-remove-question = 「{ $name }」を削除します。送信待ちのお知らせも、ここからは送られなくなります。
notify-channels-none = 送信方法がまだありません
notify-channels-text = 下のボタンから、メールサーバーやチャットを登録してください。登録するまでは、システム全体で用意されたメールサーバーを使います。
notify-host = サーバー
notify-port = ポート
notify-encryption = 暗号化
notify-encryption-start_tls = STARTTLS（587 番）
notify-encryption-tls = TLS（465 番）
notify-encryption-none = 暗号化なし
notify-user = ユーザー名
notify-password = パスワード
notify-from = 差出人のメールアドレス
notify-from-name = 差出人の名前
notify-url = URL
notify-method = メソッド
notify-content-type = 本文の形式
notify-headers = ヘッダー
notify-headers-hint = 1行に1つ、「名前: 値」の形で入力します（例：Authorization: Bearer …）。
notify-body = 本文
notify-sms-hint = URL か本文の中で、電話番号を入れる位置に {"{to}"}、文章を入れる位置に {"{text}"} と書いてください。形式に合わせて自動でエスケープします。
notify-chat-hint = チャット側で発行した Incoming Webhook（Teams は「ワークフロー」）の URL を貼り付けてください。URL は保存後は表示されません。
notify-webhook-add = Webhook を追加
notify-webhook-added = Webhook を追加しました
notify-webhook-secret = 署名用シークレット
notify-webhook-secret-text = このシークレットは一度だけ表示されます。受信側に設定し、安全な場所に保管してください。
notify-webhook-events = 送る出来事
notify-webhook-events-hint = 例：keys.* または keys.taken_out。空欄にすると、すべての出来事を送ります。
notify-webhook-all = すべて
notify-webhook-on = 送信中
notify-webhook-paused = 停止中
notify-webhook-failing = 再試行中
notify-webhook-pause = 停止する
notify-webhook-resume = 再開する
notify-webhook-replay = 送り直す
notify-webhook-replay-question = 指定した位置より後の出来事を、もう一度順番に送ります。
notify-webhook-after = 位置
notify-webhook-replayed = 指定の位置から送り直します。
notify-webhook-success = 最後に届いた日時
notify-webhook-answer = 直近の応答
notify-webhooks-none = Webhook はまだありません
notify-webhooks-text = 鍵の持ち出しなどの出来事を、起きた順に、署名を付けてお使いのシステムへ送ります。
notify-mine = お知らせの受け取り方
notify-me = マイページ
notify-mine-kinds = 種類ごとの受け取り方
notify-kinds-none = 選べるお知らせはまだありません
notify-kinds-text = アカウントの安全に関わるお知らせは、いつもメールで届きます。
notify-browsers = プッシュ通知を受け取る端末
notify-browser = 端末
notify-since = 登録日時
notify-browsers-none = 登録された端末はありません
notify-browsers-text = スマートフォンでは、ホーム画面に追加してから、この画面で通知をオンにしてください。
notify-push-on = この端末で通知を受け取る
notify-push-off = この端末の通知を止める
notify-mailbox = メールボックス
notify-mailbox-picture = メールに添付された画像
notify-mailbox-lead = デモ環境から送られるはずだったメール・SMS・通知です。実際には、どこにも送信されていません。
notify-mailbox-none = まだ何も届いていません
notify-mailbox-text = サインインや鍵の貸し出しを試すと、送られるはずだったメールがここに届きます。
notify-error-name = 名前を1〜100文字で入力してください。
notify-error-host = サーバー名とポートを入力してください。
notify-error-mail = 差出人のメールアドレスを入力してください。
notify-error-plain-password = 暗号化しない接続では、パスワードを送れません。TLS か STARTTLS を選んでください。
notify-error-url = https:// で始まる、インターネット上の URL を入力してください。
notify-error-places = URL か本文に {"{to}"} と {"{text}"} の両方を入れてください。
notify-error-events = 出来事の名前は「keys.taken_out」や「keys.*」の形で入力してください。
notify-error-position = その位置の出来事はありません。
notify-error-subscription = ブラウザーの通知の登録情報が正しくありません。
notify-error-means = メール・プッシュ通知・SMS から選んでください。
notify-error-attachments = 添付できるのは5点まで、合わせて1MBまでです。

# ボタンで答えるお知らせ
notify-act-title = ご回答
notify-act-choose = 回答をお選びください。ボタンを押すまで、何も行われません。
notify-act-sure = 「{ $choice }」と回答する場合は、ボタンを押してください。まだ何も行われていません。
notify-act-others = ほかの回答を選ぶ
notify-act-until = 回答の期限は { $until } です。
notify-act-done-title = ありがとうございます
notify-act-refused-title = 実行できませんでした
notify-act-yours-title = 回答済みです
notify-act-yours = 「{ $choice }」との回答を受け付けました（{ $at }）。
notify-act-quicker-title = すでに回答されています
notify-act-quicker = { $who }が先に「{ $choice }」と回答しました（{ $at }）。
notify-act-dealt = { $who }がすでに対応しました（{ $at }）。
notify-act-person = { $name } さん
notify-act-somebody = ほかの方
notify-act-answered = すでに回答されています。今回の操作では何も変わっていません。
notify-act-over-title = 受け付けは終了しました
notify-act-over = 回答の受け付けは終了しています。今回の操作では何も変わっていません。
notify-error-choice = 示された回答の中からお選びください。

# LINE WORKS、Chatwork、そのほかのプログラム
notify-channel-line_works = LINE WORKS（Bot）
notify-channel-line_works_hook = LINE WORKS（Incoming Webhook）
notify-channel-chatwork = Chatwork
notify-channel-json = そのほかのプログラム（JSON）
notify-line-works-bot = Bot ID
notify-line-works-channel = チャンネル ID
notify-line-works-channel-hint = トークルームのメンバー一覧の下に表示される ID です。Bot をトークルームのメンバーに加えておいてください。
notify-line-works-client-id = Client ID
notify-line-works-client-secret = Client Secret
notify-line-works-service-account = Service Account
notify-line-works-private-key = Private Key
notify-line-works-private-key-hint = Developer Console で発行したファイルの内容を、「-----BEGIN」から「END-----」まですべて貼り付けてください。アプリの OAuth Scopes に「bot」が必要です。保存後は表示されません。
notify-chatwork-room = ルーム ID
notify-chatwork-room-hint = チャットの URL にある「#!rid」の後の数字です。
notify-chatwork-token = API トークン
notify-chatwork-token-hint = 投稿に使うアカウントの API トークンです。保存後は表示されません。
notify-error-line-works-id = Developer Console に表示されている ID を、半角の英数字とハイフンで入力してください。
notify-error-line-works-app = Developer Console に表示されている値を入力してください。
notify-error-private-key = 秘密鍵として読み取れません。ファイルの内容を「-----BEGIN」から「END-----」まですべて貼り付けてください。
notify-error-room = ルーム ID を数字で入力してください（例：123456789）。
notify-error-chat-token = API トークンを入力してください。
