# 受付端末の画面
visitors-terminal = 受付端末
visitors-terminal-needs-scripts = この端末の画面にはJavaScriptが必要です。ブラウザーの設定をご確認ください。
visitors-terminal-unknown = この端末は登録されていないか、登録が取り消されています。
visitors-terminal-clock = 端末の時計が2分以上ずれています。
visitors-terminal-replay = この要求はすでに受け付けています。
visitors-terminal-site-closed = この端末の拠点は閉鎖されています。
visitors-terminal-no-code = 登録コードが正しくないか、有効期限が切れています。

# 受付端末の一覧
visitors-terminals = 受付端末
visitors-terminals-none = 受付端末はまだありません
visitors-terminals-none-do = 端末を追加すると登録コードが発行されます。タブレットで /terminal を開き、そのコードを入力してください。
visitors-terminal-name = 名称
visitors-terminal-name-hint = 例：1階ロビー
visitors-terminal-site = 拠点
visitors-terminal-state = 状態
visitors-terminal-seen = 最後の通信
visitors-terminal-any = すべて
visitors-terminal-waiting = 登録待ち
visitors-terminal-working = 稼働中
visitors-terminal-silent = 応答なし
visitors-terminal-new = 端末を追加する
visitors-terminal-add = 追加してコードを発行
visitors-terminal-new-code = コードを再発行
visitors-terminal-code-do = タブレットで /terminal を開き、次のコードを入力してください。コードが表示されるのはこの画面だけです。
visitors-terminal-code-until = 有効期限は { $time } です。1回だけ使用できます。
visitors-terminal-revoke = 登録を取り消す
visitors-terminal-revoke-question = 「{ $name }」の登録を取り消します。端末は直ちに使えなくなります。
visitors-terminal-revoked = 端末の登録を取り消しました。
visitors-terminal-look = 外観
visitors-error-site = 拠点を選んでください。
visitors-error-whom = 呼び出す相手を選び直してください。

# 受付端末の設定
visitors-terminal-settings = 受付端末の設定
visitors-set-terminals-about = タブレットを受付端末として登録し、稼働状況を確認します。
visitors-set-terminal-about = 受付端末の文言・色・壁紙・選択肢を設定します。
visitors-terminal-open = 端末の画面を開く
visitors-terminal-preview = プレビュー
visitors-terminal-saved = 保存しました。端末には1分以内に反映されます。
visitors-terminal-accent = 基調色
visitors-terminal-accent-hint = #1d4f91 の形式で入力してください。白い文字が読みやすい濃さの色を選んでください。
visitors-terminal-languages = 表示する言語
visitors-terminal-words = 文言
visitors-terminal-words-hint = 空欄の場合は標準の文言を表示します。60文字まで入力できます。
visitors-terminal-welcome = あいさつ
visitors-terminal-note = 案内
visitors-terminal-offers = 選択肢
visitors-terminal-choices = 最初の画面に表示する用件
visitors-terminal-choice-pass = ご予約の方
visitors-terminal-choice-walk-in = ご予約のない方
visitors-terminal-choice-delivery = 配達の方
visitors-terminal-choice-leave = お帰りの方
visitors-terminal-asks = 予約のない方に尋ねる項目（お名前は必須）
visitors-terminal-ask-company = 会社名
visitors-terminal-ask-purpose = ご用件
visitors-terminal-ask-count = 人数
visitors-terminal-search = 担当者を名前で呼び出せるようにする
visitors-terminal-search-hint = 3文字以上で検索でき、候補は最大5人、氏名の一部を伏せて表示します。
visitors-terminal-departments = 呼び出せる部署
visitors-terminal-departments-hint = 選んだグループの名前が端末に表示され、呼び出すと全員に通知します。12件まで選べます。
visitors-terminal-carriers = 配送業者
visitors-terminal-carriers-hint = 1行に1社ずつ、12社まで入力できます。
visitors-terminal-office = 宛先のない配達の通知先
visitors-terminal-office-none = 宛先のない配達を受け付けない
visitors-terminal-office-hint = 「受付・総務あて」を選んだ配達を、このグループに通知します。
visitors-terminal-phone = 受付の電話番号
visitors-terminal-phone-hint = 受付できなかったときに表示します。例：内線 100
visitors-terminal-picture = 壁紙
visitors-terminal-picture-hint = PNG・JPEG・WebP、1 MBまで。ロビーで誰でも見られる画像にしてください。
visitors-terminal-picture-hang = 壁紙を変更
visitors-terminal-picture-remove = 壁紙を外す
visitors-terminal-picture-remove-question = 壁紙を外し、基調色の背景に戻します。
visitors-error-language = 言語を1つ以上選んでください。
visitors-error-choices = 用件を1つ以上選んでください。
visitors-error-colour = 色は #1d4f91 の形式で入力してください。
visitors-error-contrast = この色の上では白い文字が読みにくくなります。もう少し濃い色を選んでください。
visitors-error-too-many = 12件以内にしてください。
visitors-error-picture = PNG・JPEG・WebPの画像を選んでください。
visitors-error-picture-large = 画像は1 MB以内にしてください。

# 配達
visitors-deliveries = 配達
visitors-deliveries-none = 配達の記録はありません
visitors-deliveries-none-do = 受付端末で「配達の方」から届けられたものが、ここに並びます。
visitors-delivery-at = 受付時刻
visitors-delivery-carrier = 配送業者
visitors-delivery-whom = 宛先

# 通知
visitors-kind-called = 部署への来訪者と配達
visitors-notice-walk-in-subject = { $guest } 様が受付でお待ちです
visitors-notice-walk-in-body =
    { $site } の受付端末で、ご予約のない来訪者が部署を呼び出しました。

    お名前：{ $guest }
    会社名：{ $company }
    ご用件：{ $purpose }
    時刻：{ $at }

    どなたか受付へお越しください。
visitors-notice-walk-in-short = { $site }：{ $guest } 様が受付でお待ちです
visitors-notice-walk-in-nameless-subject = 来訪者が受付でお待ちです
visitors-notice-walk-in-nameless-body =
    { $at } に、{ $site } の受付端末で、ご予約のない来訪者が部署を呼び出しました。

    どなたか受付へお越しください。
visitors-notice-walk-in-nameless-short = { $site }：来訪者が受付でお待ちです
visitors-notice-delivery-subject = { $carrier } の配達が届きました
visitors-notice-delivery-body = { $at } に { $site } の受付へ { $carrier } の配達が届きました。受け取りをお願いします。
visitors-notice-delivery-short = { $site } の受付に { $carrier } の配達が届きました

# 監査記録の操作と対象
act-terminal-add = 受付端末の追加
act-terminal-code = 受付端末の登録コードの発行
act-terminal-enrol = 受付端末の登録
act-terminal-revoke = 受付端末の登録の取り消し
act-terminal-settings = 受付端末の設定の変更
act-terminal-picture = 受付端末の壁紙の変更
act-terminal-event = 受付端末からの反映できない報告
act-visit-walk-in = 予約のない来訪の受付
act-delivery-hand-in = 配達の受付
kind-terminal = 受付端末
kind-delivery = 配達
