# 断りの言葉
visitors-refused-no-right = この拠点ではこの操作を行う権限がありません。管理者にご相談ください。
visitors-refused-here = 来訪者はすでに到着しています。
visitors-refused-not-here = 来訪者はまだ到着していません。
visitors-refused-not-yet = まだその時間ではありません。
visitors-refused-over = 来訪の時間は終了しています。
visitors-refused-cancelled = この来訪は取り消されています。
visitors-refused-refused = この来訪者の入館はお断りしています。
visitors-refused-gone = 来訪者はすでに退館しています。
visitors-check-in-not-now = このコードは現在ご利用いただけません。受付にお声がけください。
visitors-check-in-too-many = 番号の誤りが続いたため、受付を一時停止しています。数分待ってからお試しいただくか、受付にお声がけください。

# 入力の誤り
visitors-error-mail = メールアドレスの形式をご確認ください。
visitors-error-ring = 200文字以内の1行で入力してください。
visitors-error-phone = 電話番号の形式をご確認ください。
visitors-error-group = このグループは存在しません。
visitors-error-person = 在籍している人を選んでください。
visitors-error-deputies = 代理の担当者は5人まで選べます。
visitors-error-guests = 来訪者を1人以上、100人以内で入力してください。
visitors-error-companions = 0から99までの数を入力してください。
visitors-error-count = 1から100までの数を入力してください。
visitors-error-time = 日付と時刻を入力してください。
visitors-error-backwards = 終了は開始より後にしてください。
visitors-error-past = 過去の日時です。
visitors-error-period-too-long = 1回の来訪は31日以内にしてください。
visitors-error-opens-before = 0から1440までの数を入力してください。
visitors-error-answer-within = 1から60までの数を入力してください。

# メニュー・見出し・列
visitors-nav = 来訪
visitors-title = 来訪
visitors-appointment = 来訪予定
visitors-guest = 来訪者
visitors-guests = 来訪者
visitors-company = 会社名
visitors-companions = 同行者数
visitors-kind = 種別
visitors-kind-guest = 来客
visitors-kind-colleague = 社内
visitors-kind-delivery = 配達
visitors-kind-interview = 面接
visitors-kind-contractor = 工事・業者
visitors-site = 拠点
visitors-place = 会議室・フロア
visitors-host = 担当者
visitors-deputies = 代理の担当者
visitors-starts = 開始
visitors-ends = 終了
visitors-purpose = ご用件
visitors-note = 社内メモ
visitors-code = 受付番号
visitors-arrived-at = 到着
visitors-left-at = 退館
visitors-day = 日付
visitors-do = 操作
visitors-state-draft = 未連絡
visitors-state-invited = 招待済み
visitors-state-registered = 登録済み
visitors-state-arrived = 受付でお待ち
visitors-state-admitted = 入館中
visitors-state-left = 退館済み
visitors-state-no-show = 来訪なし
visitors-state-refused = 入館お断り
visitors-state-cancelled = 取り消し
visitors-nameless = 氏名なし
visitors-nameless-people = { $count }名（氏名なし）
visitors-and-more = ほか{ $count }名

# 一覧
visitors-search = 来訪者・会社名で検索
visitors-show = 表示
visitors-show-coming = 今日以降
visitors-show-here = 在館中
visitors-show-today = 今日
visitors-show-past = 過去
visitors-whose = 対象
visitors-whose-all = すべて
visitors-whose-mine = 自分の来訪者
visitors-tile-here = 在館中
visitors-tile-waiting = 受付でお待ち
visitors-none = 来訪はありません
visitors-none-text = 条件を変えるか、来訪者を招待してください。来訪者にQRコードと行き方がメールで届きます。
visitors-check-in = 受付番号で受け付ける
visitors-check-in-do = 受け付ける
visitors-checked-in = 受け付けました。担当者に連絡しています。
visitors-code-hint = QRコードの下の8文字です。キーボード入力型の読み取り機も使えます。
visitors-wave-in = 人数のみで入館を記録する
visitors-wave-in-do = 入館を記録する
visitors-waved-in = 入館を記録しました。
visitors-count = 人数
visitors-host-hint = 氏名またはメールアドレスを入力してください。空欄なら担当者なしで記録します。
visitors-host-unknown = その氏名またはメールアドレスの方は見つかりません。
visitors-host-several = 同じ氏名の方が複数います。メールアドレスを入力してください。

# 操作
visitors-answer = 対応します
visitors-answered = 受付に「対応します」と伝えました。
visitors-answered-already = すでに別の担当者が対応しています。
visitors-answered-by = 対応者：{ $name }
visitors-comes-again = 別の日にも来訪予定
visitors-unanswered = 応答なし
visitors-pass-on = 他の人に依頼
visitors-passed-on = 他の担当者に知らせました。
visitors-passed-on-to-desk = ほかに知らせる担当者がいません。受付の一覧に「応答なし」と表示されます。
visitors-nobody-left = 知らせる担当者はもういません。受付で対応するか、ご自身で対応してください。
visitors-admit = 入館を許可
visitors-arrive = 到着
visitors-admitted = 入館を許可しました。
visitors-refuse = お断り
visitors-refuse-question = 入館をお断りします。この来訪者のコードは使えなくなります。
visitors-refuse-do = 入館をお断りする
visitors-was-refused = 入館をお断りしました。
visitors-check-out = 退館
visitors-checked-out = 退館を記録しました。

# 来訪予定
visitors-new = 来訪者を招待
visitors-new-do = 招待する
visitors-made = 来訪予定を登録しました。
visitors-change = 変更
visitors-change-do = 変更する
visitors-changed = 来訪予定を変更しました。来訪者には新しいコードが発行されます。
visitors-cancel = 取り消し
visitors-cancel-question = この来訪予定を取り消し、招待済みの来訪者に連絡します。
visitors-cancel-do = 取り消す
visitors-cancelled = 来訪予定を取り消しました。
visitors-was-cancelled = この来訪予定は取り消されています。
visitors-add-guest = 来訪者を追加
visitors-add-guest-do = 追加する
visitors-guest-added = 来訪者を追加しました。
visitors-remove-guest = 外す
visitors-remove-question = この来訪者を予定から外し、本人に連絡します。
visitors-remove-do = 予定から外す
visitors-record-visits = 来訪の記録
visitors-change-guest = 修正
visitors-change-guest-title = 来訪者の情報の修正
visitors-change-guest-mail-hint = QRコードの送り先です。変更すると新しい受付番号とQRコードをお送りし、以前のものは使えなくなります。
visitors-change-guest-do = 修正する
visitors-guest-changed = 来訪者の情報を修正しました。
visitors-guest-removed = 来訪者を予定から外しました。
visitors-no-site = 拠点がまだありません
visitors-no-site-text = 来訪者は拠点に招待します。管理者が「設定」の「拠点」から追加できます。
visitors-who = 来訪者
visitors-when = 日時と場所
visitors-receives = 担当者
visitors-guest-name = 氏名
visitors-guest-mail = メールアドレス
visitors-guest-mail-hint = QRコードの送り先です。空欄の場合は、受付番号を直接お伝えください。
visitors-guest-language = 言語
visitors-guest-reading = ふりがな
visitors-guest-phone = 電話番号
visitors-more-guests = ほかの来訪者
visitors-more-guests-hint = 1行に1人ずつ、氏名, メールアドレス, 会社名の順に入力してください。それぞれにQRコードが発行されます。
visitors-zone-hint = 時刻は拠点の現地時間です。
visitors-purpose-hint = 来訪者にも表示されます。
visitors-deputies-hint = 担当者から応答がないとき、順に連絡します。
visitors-group = 部署
visitors-group-none = なし
visitors-group-hint = 担当者と代理から応答がないとき、部署の全員に連絡します。
visitors-note-hint = 担当者と受付だけに表示されます。

# 設定
visitors-settings = 受付
visitors-set-about = 招待できる人、コードの有効時間、連絡の順序
visitors-set-who = 来訪者を招待できる人
visitors-set-everybody = すべての利用者
visitors-set-users = その拠点を利用できる人
visitors-set-opens-before = コードが有効になる時刻（開始の何分前）
visitors-set-opens-before-hint = 0から1440まで
visitors-set-answer-within = 応答を待つ時間（分）
visitors-set-answer-within-hint = 過ぎると次の代理に連絡します。1から60まで。
visitors-set-ring = 応答がないときの連絡先
visitors-set-ring-hint = 誰も応答しないとき、受付の一覧に表示します。例：総務部 内線110
visitors-set-names = 担当者への連絡に来訪者の氏名を含める
visitors-set-names-hint = オフのときは、氏名を確認できるページへのリンクだけを送ります。
visitors-set-reminds = 前日に来訪者へお知らせする
visitors-saved = 保存しました。

# カード
visitors-me = 今後の来訪者
visitors-here = 来訪者
visitors-here-count = { $site }：{ $count }名

# 来訪者ページ
visitors-page-title = ご来訪のご案内
visitors-page-pass = 受付用QRコード
visitors-page-pass-text = 受付でQRコードをかざすか、番号を入力してください。ご来訪の時間に1回だけ使えます。
visitors-page-when = ご来訪の日時と場所
visitors-page-starts = 開始
visitors-page-ends = 終了
visitors-page-site = 訪問先
visitors-page-address = 住所
visitors-page-map = 地図を開く
visitors-page-place = 会議室・フロア
visitors-page-host = 担当者
visitors-page-purpose = ご用件
visitors-page-calendar = カレンダーに追加
visitors-page-changes = ご都合が変わったとき
visitors-page-propose = 別の日時をご希望の場合
visitors-page-propose-hint = 担当者に届きます。
visitors-page-propose-do = 送信する
visitors-page-proposed = 担当者に送信しました。
visitors-page-cancel = 来訪を取りやめる
visitors-page-cancel-question = ご来訪を取り消し、担当者に連絡します。
visitors-page-cancel-do = 取り消す
visitors-page-cancelled = このご来訪は取り消されています。
visitors-page-arrived = 受付が完了しました。担当者が参りますので、少々お待ちください。
visitors-page-admitted = ようこそお越しくださいました。
visitors-page-left = ご来訪ありがとうございました。
visitors-page-over = このご来訪は終了しています。
visitors-page-keys = 鍵のご案内
visitors-page-keys-code = キーボックスの画面で、この予約コードを入力してください。
visitors-page-keys-open = 鍵のページを開く
visitors-page-keys-out = 鍵はお手元にあります。ご利用後は、キーボックスにご返却ください。
visitors-page-keys-called-off = 鍵の予約は取り消されました。ご不明な点は、担当者にお問い合わせください。
visitors-ics-title = { $site } 訪問

# 来訪者へのメール
visitors-mail-open = 来訪者ページを開く
visitors-mail-invited-subject = 【{ $tenant }】{ $starts } ご来訪のご案内
visitors-mail-invited-body =
    { $name } 様

    ご来訪をお待ちしております。

    開始：{ $starts }
    終了：{ $ends }
    場所：{ $site } { $place }
    { $address }
    担当：{ $host }

    受付で、このメールのQRコードをかざすか、次の番号を入力してください。

    { $code }

    行き方の確認や、ご都合が変わった場合のご連絡は、下のページから行えます。{ $registration ->
        [asked] {"\u000A\u000A"}ご来訪前に、来訪者ページで事前登録をお願いいたします。
       *[other] {""}
    }
visitors-mail-changed-subject = 【{ $tenant }】ご来訪の変更：{ $starts }
visitors-mail-changed-body =
    { $name } 様

    ご来訪の予定が変更されました。

    開始：{ $starts }
    終了：{ $ends }
    場所：{ $site } { $place }
    { $address }
    担当：{ $host }

    以前のメールのQRコードと番号はお使いいただけません。新しい番号は次のとおりです。

    { $code }{ $registration ->
        [asked] {"\u000A\u000A"}ご来訪前に、来訪者ページで事前登録をお願いいたします。
       *[other] {""}
    }
visitors-mail-reminder-subject = 【{ $tenant }】明日のご来訪について
visitors-mail-reminder-body =
    { $name } 様

    明日のご来訪をお待ちしております。

    開始：{ $starts }
    場所：{ $site } { $place }
    { $address }
    担当：{ $host }

    受付でお使いいただく番号は次のとおりです。

    { $code }{ $registration ->
        [asked] {"\u000A\u000A"}ご来訪前に、来訪者ページで事前登録をお願いいたします。
       *[other] {""}
    }
visitors-mail-cancelled-subject = 【{ $tenant }】ご来訪の取り消し：{ $starts }
visitors-mail-cancelled-body =
    { $name } 様

    { $starts } からの { $site } へのご来訪は取り消されました。お越しいただく必要はございません。

    ご不明な点は、担当の { $host } までお問い合わせください。

visitors-mail-keys-subject = 【{ $tenant }】{ $starts } ご来訪時の鍵のご案内
visitors-mail-keys-body =
    { $name } 様

    ご来訪に伴う鍵をご用意しております。

    鍵：{ $keys }
    場所：{ $places }
    開始：{ $starts }
    終了：{ $ends }

    キーボックスの画面で、次の予約コードを入力してください。

    { $code }

    詳しくは、下の来訪者ページをご覧ください。
visitors-mail-keys-off-subject = 【{ $tenant }】鍵の予約の取り消し：{ $starts }
visitors-mail-keys-off-body =
    { $name } 様

    { $starts } からのご来訪に伴う鍵（{ $keys }）の予約は、取り消されました。予約コードはお使いいただけません。

    ご不明な点は、担当の { $host } までお問い合わせください。

# 担当者への連絡
visitors-notices-arrivals = 自分の来訪者の到着・受付できなかった場合
visitors-notices-appointments = 自分の来訪者からの取り消し・日時変更の希望
visitors-notice-open = 来訪予定を開く
visitors-notice-arrived-subject = { $guest } 様がお見えです
visitors-notice-arrived-body = { $company } { $guest } 様が { $at } に到着し、{ $site } の受付でお待ちです。
visitors-notice-arrived-short = { $guest } 様が { $site } の受付でお待ちです
visitors-notice-arrived-nameless-subject = 来訪者がお見えです
visitors-notice-arrived-nameless-body = 来訪者が { $at } に到着し、{ $site } の受付でお待ちです。
visitors-notice-arrived-nameless-short = 来訪者が { $site } の受付でお待ちです
visitors-notice-admitted-subject = { $guest } 様が入館されました
visitors-notice-admitted-body = { $company } { $guest } 様が { $at } に { $site } へ入館されました（受付：{ $by }）。
visitors-notice-admitted-short = { $guest } 様が { $site } へ入館されました
visitors-notice-admitted-nameless-subject = 来訪者が入館されました
visitors-notice-admitted-nameless-body = 来訪者（{ $heads }名）が { $at } に { $site } へ入館されました（受付：{ $by }）。
visitors-notice-admitted-nameless-short = 来訪者が { $site } へ入館されました
visitors-notice-pass-used-subject = 使用済みのQRコードが提示されました
visitors-notice-pass-used-body = すでに受付済みの来訪者のQRコードが、{ $at } に再び提示されました。どなたによるものかご確認ください。
visitors-notice-pass-other-site-subject = 来訪者が別の拠点にお見えです
visitors-notice-pass-other-site-body = { $starts } にお越しになる予定の来訪者が、{ $at } に別の拠点でQRコードを提示しました。
visitors-notice-pass-not-now-subject = 来訪者のQRコードが受け付けられませんでした
visitors-notice-pass-not-now-body = { $starts } にお越しになる予定の来訪者が、{ $at } に現在有効でないQRコードを提示しました。
visitors-notice-guest-cancelled-subject = 来訪者がお越しになれなくなりました
visitors-notice-guest-cancelled-body = { $starts } からの来訪が、来訪者によって取り消されました。
visitors-notice-guest-proposes-subject = 来訪者が別の日時を希望しています
visitors-notice-guest-proposes-body =
    { $starts } にお越しになる予定の来訪者から、次のご希望が届いています。

    { $words }

# 来訪に伴う鍵
visitors-keys = 鍵
visitors-keys-place = 保管場所
visitors-keys-book = 鍵を予約
visitors-keys-book-do = 予約する
visitors-keys-booked = 鍵を予約しました。予約コードは来訪者ページに表示されます。メールアドレスのある来訪者には、メールでもお知らせします。
visitors-keys-cancel = 取り消し
visitors-keys-cancel-question = 鍵の予約を取り消します。予約コードはすぐに使えなくなり、来訪者に連絡します。
visitors-keys-cancel-do = 取り消す
visitors-keys-cancelled = 鍵の予約を取り消しました。
visitors-keys-state-booked = 予約済み
visitors-keys-state-out = 持ち出し中
visitors-keys-state-called-off = 取り消し済み
visitors-keys-state-over = 終了
visitors-keys-none = 予約した鍵はありません
visitors-keys-none-text = 来訪の時間に合わせて鍵を予約すると、来訪者ページに予約コードが表示されます。
visitors-keys-search = 鍵の名前で検索
visitors-keys-cut = はじめの{ $count }本を表示しています。名前で絞り込んでください。
visitors-keys-at = { $key }（{ $place }）
visitors-keys-at-taken = { $key }（{ $place }）・この時間は予約済み
visitors-keys-hint = 来訪の時間に合わせて予約します。予約コードは来訪者ページに表示されるため、この来訪予定を変更できる人（担当者、代理の担当者、受付）も見ることができます。
visitors-keys-no-guest = 鍵を予約できる来訪者がいません
visitors-keys-no-guest-text = これから来訪する人と在館中の人のうち、まだ鍵を予約していない人に予約できます。
visitors-keys-no-key = 予約できる鍵がありません
visitors-keys-no-key-text = この拠点にある鍵のうち、あなたが管理している鍵を予約できます。
visitors-keys-error-choose = 鍵を1本以上、20本以内で選んでください。
visitors-keys-refused-not-yours = この拠点にその鍵がないか、予約する権限がありません。鍵の管理者にご相談ください。
visitors-keys-refused-taken = その時間は、ほかの予約が入っています。
visitors-keys-refused-apart = タイムゾーンの異なる場所にある鍵は、一緒に予約できません。
visitors-keys-refused-in-use = この予約の鍵は、すでに持ち出されています。
visitors-keys-refused-ended = この鍵の予約は、すでに終了したか、取り消されています。
visitors-keys-refused-bad-time = この時間では鍵を予約できません。
visitors-keys-refused-booked = この来訪者には、すでに鍵が予約されています。変更するには、先に取り消してください。
visitors-keys-refused-visit-over = この来訪は終了したか取り消されているため、鍵を予約できません。
visitors-refused-has-keys = この来訪者は、まだ鍵を持ち出しています。返却されてから消去してください。
visitors-notice-keys-off-subject = 来訪に伴う鍵の予約が取り消されました
visitors-notice-keys-off-body =
    { $starts } からの来訪に伴う鍵（{ $keys }）の予約は、取り消されました。

    { $why ->
        [other_guest] 来訪者の情報（メールアドレスなど）が変更されたためです。
        [other_site] 来訪の拠点が変更されたためです。
        [taken] 変更後の時間に、ほかの予約が入っているためです。
        [not_yours] 来訪予定を変更した人に、この鍵を予約する権限がないためです。
        [in_use] 時間が変更される前に、鍵がすでに持ち出されていたためです。鍵はいつでも返却できます。
        [ended] 時間が変更される前に、鍵の予約が終了したか、取り消されていたためです。
       *[other] 変更後の時間では予約できないためです。
    }

    必要な場合は、あらためて鍵を予約してください。
visitors-notice-keys-off-short = { $starts } からの来訪に伴う鍵の予約が取り消されました

# search
search-visit = 来訪

# 来訪者の記録
visitors-guest-erased = この来訪者の情報は消去されました。来訪の記録は氏名なしで残ります。
visitors-erase = 消去
visitors-erase-question = この来訪者の氏名・会社名・メールアドレス・電話番号を完全に消去します。元に戻せません。来訪の記録は氏名なしで残ります。
visitors-erase-do = 完全に消去する
visitors-was-erased = 来訪者の情報を消去しました。
visitors-refused-still-expected = この来訪者には、これからの来訪または在館中の来訪があります。先に取り消すか、退館を記録してください。

# 一括登録
visitors-import = 一括登録
visitors-import-csv = 表（CSV）
visitors-import-hint = 1行目は見出しです：開始, 終了, 拠点, 氏名, ふりがな, 会社名, メールアドレス, 電話番号, 言語, 同行者数, 種別, 担当者（メールアドレス）, 会議室（登録された名前）, 場所（自由記入）, 用件。開始・終了・氏名は必須です。繰り返しの来訪は表からは登録できません。
visitors-import-look = 内容を確認
visitors-import-do = すべて招待する
visitors-import-line = 行
visitors-import-wrong = 修正が必要な点
visitors-import-good = すべての行を登録できます。まだ登録していません。
visitors-import-bad = 次の行を修正してください。まだ何も登録していません。
visitors-imported = 来訪予定を登録しました。
visitors-error-csv = 表として読み取れません。
visitors-error-csv-header = 見出しには少なくとも「開始」「終了」「氏名」が必要です。
visitors-error-csv-rows = 1行以上、500行以内にしてください。
visitors-error-language-tag = 言語は ja、en、zh、ko のいずれかです。
visitors-error-kind = 種別は guest、colleague、delivery、interview、contractor のいずれかです。
visitors-error-site-name = この名前の拠点はありません。

# 避難者名簿
visitors-evacuation = 避難者名簿
visitors-evacuation-print = 印刷
visitors-evacuation-as-of = { $day }{ $clock } 現在
visitors-evacuation-out = 確認
visitors-evacuation-nobody = 館内に来訪者はいません
visitors-evacuation-nobody-text = この拠点で受付済みの来訪者はいません。
visitors-evacuation-hint = 来訪者のみの名簿です。このページまたは来訪ページを開いている間、最新の名簿がこのブラウザーに12時間保存されます。サーバーに接続できないときも、同じアドレスで開けます。
