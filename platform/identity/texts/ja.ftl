# Rail and general words
identity-nav-me = マイページ
identity-nav-people = メンバー
identity-save = 保存する
identity-saved = 保存しました。
identity-back = 戻る
identity-later = あとで設定する
identity-optional = 任意
identity-search = 検索
identity-csv = CSV をダウンロード
identity-since = 登録日
identity-record = 記録を詳しく見る
identity-access = アクセス
identity-address = 接続元

# Signing in
identity-sign-in = サインイン
identity-mail = メールアドレス
identity-password = パスワード
identity-forgot = パスワードをお忘れの方
identity-to-sign-in = サインイン画面へ
identity-sign-in-wrong = サインインできませんでした。メールアドレスとパスワードをご確認ください。続けて 3 回まちがえるとアカウントはロックされ、解除のご案内をメールでお送りします。
identity-too-many = この接続元からの失敗が続いたため、しばらく受け付けられません。10 分ほど待ってから、もう一度お試しください。
identity-start-again = 時間が過ぎました。お手数ですが、最初からサインインしてください。
identity-signed-out = サインアウトしました。

# The second step
identity-two-step = 2 段階認証
identity-code = 確認コード
identity-code-check = 確認する
identity-code-from-app = 認証アプリに表示されている 6 けたの数字を入力してください。
identity-code-choose = 確認コードの受け取り方を選んでください。
identity-code-sent-mail = 確認コードをメールでお送りしました。5 分以内に入力してください。
identity-code-sent-sms = 確認コードを SMS でお送りしました。5 分以内に入力してください。
identity-code-by-mail = コードをメールで受け取る
identity-code-by-sms = コードを SMS で受け取る
identity-code-again = コードをもう一度送る
identity-code-or-recovery = 回復コードも入力できます。
identity-code-help = コードが届かないときは、迷惑メールのフォルダーもご確認ください。それでも届かない場合は、管理者にご連絡ください。
identity-code-no-way = 確認コードを送る方法がなく、認証アプリも登録されていません。管理者に、ワンタイムリンクの発行をご依頼ください。
identity-code-instead = 確認コードを受け取る
identity-code-wrong = コードがちがうか、有効期限が過ぎています。新しいコードでお試しください。
identity-code-locked = まちがいが続いたため、ロックしました。解除のご案内をメールでお送りしましたので、ご確認ください。
identity-code-no-address = この方法ではお送りできません。宛先が登録されていません。
identity-code-not-sent = コードを送信できませんでした。少し待ってから、もう一度お試しください。
identity-code-too-many = 短い時間に何度もコードが送られています。数分待ってから、もう一度お試しください。

# The first second step, straight from an invitation
identity-first-app = パスワードを保存しました。続けて、スマートフォンの認証アプリを登録してください。登録が終わると、サインインします。
identity-first-app-rather = パスワードを保存しました。認証アプリを登録すると、確認コードを待たずにサインインできます。
identity-first-app-do = 認証アプリを使う
identity-first-app-over = この手続きは、招待のリンクでパスワードを決めてから 15 分以内に限られます。サインインしてください。できないときは、管理者に新しいリンクの発行をご依頼ください。

# Proving again who one is
identity-step-up = ご本人の確認
identity-step-up-needed = 安全のため、もう一度ご本人の確認が必要です。
identity-step-up-app = 大切な操作の前に、もう一度ご本人であることを確認します。認証アプリの 6 けたの数字を入力してください。確認は 5 分間有効です。
identity-step-up-choose = 大切な操作の前に、もう一度ご本人であることを確認します。確認コードの受け取り方を選んでください。

# Mailed links
identity-link-gone = リンクの有効期限切れ
identity-link-missing = このリンクは使えません。すでに使われたか、有効期限（24 時間）が過ぎています。
identity-welcome = ようこそ
identity-welcome-intro = { $name } さん、{ $tenant } へようこそ。はじめにパスワードを決めてください。
identity-new-password = 新しいパスワード
identity-new-password-intro = { $name } さんの新しいパスワードを決めてください。保存すると、ほかの端末はすべてサインアウトします。
identity-password-hint = 8 文字以上。日本語や空白も使えます。短い文にすると覚えやすく、見破られにくくなります。
identity-password-save = パスワードを保存する
identity-password-saved = パスワードを保存しました。サインインしてください。
identity-password-short = 8 文字以上にしてください。
identity-password-long = 128 文字以内にしてください。
identity-password-common = よく使われていて、すぐに見破られるパスワードです。別のものにしてください。
identity-password-own = お名前やメールアドレスに近いため、見破られやすいパスワードです。別のものにしてください。
identity-forgot-intro = 登録されているメールアドレスを入力してください。パスワードを決め直すためのリンクをお送りします。
identity-forgot-send = リンクを送る
identity-forgot-sent = メールアドレスが登録されている場合は、リンクをお送りしました。届くまで数分かかることがあります。
identity-unlock = ロックを解除する
identity-unlock-intro = { $name } さんのアカウントのロックを解除します。
identity-unlock-warn = お心当たりのない失敗が続いていた場合は、解除のあとにパスワードを変えてください。
identity-unlocked = ロックを解除しました。

identity-forgot-no-mail = このシステムからはメールをお送りしていません。管理者にワンタイムリンクの発行をご依頼ください。そのリンクから、新しいパスワードを決められます。

# My page
identity-me-hello = { $name } さん、こんにちは
identity-me-empty = いまは何もありません
identity-me-empty-text = 使える鍵や予定があると、ここに表示されます。
identity-profile = プロフィール
identity-profile-note = 登録内容に誤りがあるときは、管理者にお知らせください。
identity-name = 氏名
identity-kana = ふりがな
identity-phone = 電話番号
identity-number = ID 番号
identity-language = 表示する言語
identity-groups = グループ

# My security
identity-security = セキュリティ
identity-app = 認証アプリ
identity-app-on = 認証アプリを使用中
identity-app-off = 認証アプリを登録すると、メールを待たずにすばやくサインインできます。
identity-app-add = 認証アプリを登録する
identity-app-added = 認証アプリを登録しました。
identity-app-remove = 登録を解除する
identity-app-remove-question = 次回からは、メールなどで届く確認コードでサインインします。認証アプリの登録を解除しますか。
identity-app-remove-do = 解除する
identity-app-removed = 認証アプリの登録を解除しました。
identity-app-first = はじめに認証アプリを登録しましょう。次回から、メールを待たずにサインインできます。
identity-app-why = 認証アプリは、電波の届かないところでも確認コードを表示します。
identity-app-step-install = スマートフォンに認証アプリ（Google Authenticator、Microsoft Authenticator など）を入れます。
identity-app-step-scan = アプリで、この QR コードを読み取ります。
identity-app-step-type = 読み取れないときは、次の文字を入力してください。
identity-app-step-code = アプリに表示された 6 けたの数字を入力します。
identity-app-qr = 認証アプリに登録するための QR コード
identity-app-confirm = 登録する
identity-totp-already = 認証アプリはすでに登録されています。
identity-recovery-codes = 回復コード
identity-recovery-left =
    { $count ->
    [0] 回復コードはまだありません。スマートフォンをなくしたときのために、作っておくと安心です。
   *[other] 未使用の回復コードが { $count } 個あります。
    }
identity-recovery-make = 回復コードを作る
identity-recovery-make-do = 作る
identity-recovery-question = 新しい回復コードを 10 個作ります。これまでのコードは使えなくなります。
identity-recovery-keep = このコードは今だけ表示されます。印刷するか、安全な場所に控えてください。それぞれ 1 回だけ使えます。
identity-kept = 控えました
identity-password-current = 現在のパスワード
identity-password-current-wrong = 現在のパスワードがちがいます。
identity-password-locked = まちがいが続いたため、ロックしました。解除のご案内をメールでお送りしました。
identity-password-change = パスワードを変える
identity-password-change-note = 変えると、ほかの端末はサインアウトし、API トークンは使えなくなります。
identity-password-changed = パスワードを変えました。ほかの端末はサインアウトしました。
identity-pin = ボックス用の暗証番号
identity-pin-hint = 4〜8 けたの数字。空のまま保存すると、暗証番号をなくします。
identity-pin-bad = 4〜8 けたの数字にしてください。同じ数字の繰り返しや連番は使えません。
identity-pin-has = 設定済みです。
identity-pin-none = まだ設定されていません。バッジをかざすと、ワンタイムコードを求められます。
identity-pin-new = 新しい暗証番号
identity-pin-give = 暗証番号を設定する
identity-devices = サインイン中の端末
identity-device = 端末
identity-seen = 最後に使った日時
identity-this-device = この端末
identity-device-end = サインアウトさせる
identity-device-ended = その端末をサインアウトさせました。
identity-devices-end = ほかの端末をすべてサインアウトさせる
identity-devices-end-question = この端末以外をすべてサインアウトさせます。
identity-devices-end-do = サインアウトさせる
identity-devices-ended = ほかの端末をすべてサインアウトさせました。
identity-tokens = API トークン
identity-tokens-none = トークンはありません
identity-tokens-none-text = ほかのシステムからつなぐときに作ります。
identity-token-name = 用途
identity-token-scopes = 権限
identity-token-scopes-hint = 「機能:read」または「機能:write」を空白で区切って入力します。例：keys:read identity:write。すべての機能は * です。
identity-token-days = 有効日数
identity-token-expires = 有効期限
identity-token-make = トークンを作る
identity-token-made = 新しい API トークン
identity-token-keep = このトークンは今だけ表示されます。控えてから、この画面を閉じてください。
identity-token-revoke = 無効にする
identity-token-revoke-do = 無効にする
identity-token-revoke-question = 「{ $name }」を無効にします。これを使っているシステムは、すぐにつながらなくなります。
identity-token-revoked = トークンを無効にしました。
identity-token-by-token = トークンでトークンを作ることはできません。
identity-scopes-bad = 「機能:read」または「機能:write」の形で入力してください。
identity-days-bad = 1〜366 日にしてください。

# People
identity-people-search = 氏名・ふりがな、またはメールアドレス全体
identity-people-none = 該当する人はいません
identity-people-none-text = 条件を変えるか、新しい人を招待してください。
identity-state = 状態
identity-state-active = 利用中
identity-state-invited = 招待中
identity-state-left = 退職・利用終了
identity-state-all = すべて
identity-kind = 種類
identity-kind-all = すべて
identity-kind-user = メンバー
identity-kind-guest = ゲスト
identity-group = グループ
identity-group-all = すべて
identity-signed-in = 最後のサインイン
identity-invite = 招待する
identity-invite-do = 招待する
identity-invite-again = 招待メールをもう一度送る
identity-invite-no-mail = メールアドレスが登録されていないため、招待メールを送れません。
identity-invited-no-mail = 招待しました。メールは送られません。ワンタイムリンクを発行して、ご本人にお渡しください。
identity-invited = 招待メールを送りました。
identity-added = 登録しました。
identity-mail-hint = パスワードを決めるためのリンクをお送りします。空のままにすると、画面にはサインインできませんが、ボックスや扉は使えます。
identity-number-hint = ボックスで入力する 4〜8 けたの数字
identity-guest = 社外の方（ゲスト）
identity-guest-hint = 一覧で分けて表示します。
identity-name-bad = 1〜100 文字で入力してください。
identity-mail-bad = メールアドレスの形で入力してください。
identity-mail-taken = このメールアドレスは、ほかの人が使っています。
identity-phone-bad = 電話番号を入力してください。例：090-1234-5678、+81 90 1234 5678
identity-number-bad = 4〜8 けたの数字で入力してください。
identity-number-taken = この ID 番号は、ほかの人が使っています。
identity-group-missing = このグループは見つかりません。
identity-import = CSV を取り込む
identity-import-intro = 1 行目に項目名のある CSV ファイル（UTF-8）を選んでください。name だけが必須です。1 行でも誤りがあるときは、だれも登録しません。
identity-import-file = ファイル
identity-import-do = 取り込んで招待する
identity-import-unreadable = CSV ファイルとして読めませんでした。文字コードが UTF-8 で、1 行目に name があることをご確認ください。
identity-import-too-long = 一度に取り込めるのは 2,000 行までです。ファイルを分けてください。
identity-import-lines = 誤りのある行
identity-import-line = 行
identity-import-column = 項目
identity-import-wrong = 内容
identity-imported = 取り込みました。招待メールをお送りします。

# One person
identity-tab-overview = 概要
identity-tab-rights = 権限
identity-tab-history = 履歴
identity-tab-settings = 設定
identity-personal = 連絡先
identity-reveal = 表示する
identity-reveal-reason-label = 表示する理由
identity-reveal-reason = 理由を入力してください（3 文字以上）。
identity-reveal-hint = 理由とともに記録されます。次のご本人確認まで、あと { $count } 回表示できます。
identity-reveal-step-up = 表示した回数が上限に達しました。続けるには、ご本人の確認が必要です。
identity-revealed-note = この表示は記録されました。ページを離れると、また隠れます。
identity-is-locked = まちがいが続いたため、このアカウントはロックされています。
identity-not-accepted = 招待のリンクから、まだパスワードが設定されていません。
identity-left-until = 利用を終了しています。{ $when }に登録内容を削除します。
identity-return = 利用を再開する
identity-returned = 利用を再開しました。グループとバッジは、必要に応じて設定し直してください。
identity-link = ワンタイムリンク
identity-link-question = { $name } さんがパスワードを決めるためのリンクを発行します。1 回だけ、24 時間以内に使えます。リンクを知っている人は { $name } さんとしてサインインできますので、手渡しなど確かな方法でお渡しください。以前の招待リンクは使えなくなります。
identity-link-do = 発行する
identity-link-lost-app = 認証アプリの入ったスマートフォンをなくした
identity-link-lost-app-hint = 認証アプリと回復コードは、すぐに使えなくなります。リンクを開いたときに登録し直します。
identity-link-keep = { $name } さんのリンクです。今だけ表示されます。{ $when }まで、1 回だけ使えます。手渡しなど確かな方法でお渡しください。
identity-link-no-mail = サインインに使うメールアドレスが登録されていません。先に登録してください。
identity-badges = バッジ
identity-badges-none = バッジはありません
identity-badge-serial = シリアル番号
identity-badge-label = 表示名
identity-badge-add = バッジを登録する
identity-badge-remove = 外す
identity-badge-remove-do = 外す
identity-badge-remove-question = このバッジは、すぐに使えなくなります。
identity-badge-unreadable = シリアル番号を 16 進数 4〜32 けたで入力してください。
identity-badge-taken = このバッジは、すでに登録されています。
identity-unchanged = 現在：{ $now }（空のままなら変わりません）
identity-end-access = すべての端末をサインアウトさせる
identity-end-access-question = { $name } さんの端末をすべてサインアウトさせ、API トークンを無効にします。パスワードは変わりません。
identity-end-access-do = すべて終わらせる
identity-access-ended = すべての端末をサインアウトさせ、トークンを無効にしました。
identity-leave = 退職・利用終了にする
identity-leave-question = { $name } さんは、すぐに使えなくなります。端末・トークン・バッジ・暗証番号・グループが外れ、期間が過ぎると登録内容が削除されます。それまでは元に戻せます。
identity-leave-do = 利用を終了する
identity-leave-oneself = ご自身の利用は終了できません。ほかの管理者にご依頼ください。
identity-left = 利用を終了しました。
identity-left-no-settings = 利用を終了した人の設定は変えられません。
identity-right-thing = 対象
identity-right-now = いま
identity-right-yes = できる
identity-right-later = 時間外・条件付き
identity-rights-none = 権限はありません
identity-rights-none-text = 権限を与えると、使えるものがここに並びます。
identity-rights-open = 権限を開く
identity-is-administrator = 管理者です。すべてを管理できます。

# Groups
identity-group-name = グループ名
identity-group-note = 説明
identity-group-name-taken = 同じ名前のグループがあります。
identity-group-members = メンバー
identity-group-new = 新しいグループ
identity-group-make = グループを作る
identity-group-put-in = グループに入れる
identity-group-take-out = 外す
identity-group-dissolve = グループを解散する
identity-group-dissolve-question = 「{ $name }」を解散します。このグループに与えた権限は、だれにも届かなくなります。
identity-group-dissolve-do = 解散する
identity-group-dissolved = グループを解散しました。
identity-group-not-empty = まだメンバーがいます。先に全員を外してください。
identity-groups-none = グループはまだありません
identity-groups-none-text = 部署や役割ごとにまとめると、権限をまとめて与えられます。
identity-groups-in-none = どのグループにも入っていません
identity-members-none = メンバーはまだいません
identity-members-none-text = メンバーの画面からグループに入れてください。

# Settings
identity-settings = セキュリティの設定
identity-two-step-all = 全員に 2 段階認証を求める
identity-two-step-all-hint = おすすめします。切ると、パスワードだけでサインインできます。
identity-networks = 管理操作を許す接続元
identity-networks-hint = IP アドレスまたは範囲を 1 行に 1 つ。空なら、どこからでも管理できます。いまの接続元：{ $here }
identity-networks-unreadable = IP アドレスまたは範囲（例：203.0.113.0/24）を 1 行に 1 つ入力してください。
identity-networks-lock-out = いまの接続元が含まれていません。このまま保存すると、ご自身が管理できなくなります。
identity-error-network = この接続元からは管理操作ができません。許可された場所から、もう一度お試しください。
identity-reveal-limit = 連絡先を続けて表示できる回数
identity-reveal-limit-hint = これを超えると、ご本人の確認を求めます。
identity-reveal-limit-bad = 1〜1000 回にしてください。
identity-keep-leavers = 利用終了から削除までの日数
identity-keep-leavers-hint = それまでは元に戻せます。
identity-keep-leavers-bad = 1〜366 日にしてください。
identity-host-taken = このホスト名は、ほかのテナントが使っています。

# Acts on the record
