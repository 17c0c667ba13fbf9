# 繰り返しの来訪。断りと入力の誤り
visitors-refused-no-series = この来訪予定は繰り返しではありません。
visitors-refused-series-of-others = この後の回に、変更する権限のない来訪予定が含まれています。1回ずつ変更するか、登録した人にご相談ください。
visitors-error-repeat = 繰り返しの指定を読み取れません。終わりは「日付まで」か「回数」のどちらか一方を指定してください。
visitors-error-repeat-not-offered = この繰り返しには対応していません。日・週・月・年ごとに、1日1回まで指定できます。
visitors-error-repeat-nothing = この繰り返しに当てはまる日がありません。
visitors-error-repeat-once = この繰り返しでは1回しかありません。繰り返さない予定として登録してください。
visitors-error-repeat-too-long = 繰り返しは開始日から1年以内に終わるようにしてください。
visitors-error-repeat-overlap = 1回の来訪が終わる前に、次の来訪が始まります。終了時刻か間隔を見直してください。
visitors-error-repeat-visits = 1つの繰り返しに登録できる来訪は、回数と人数を掛けて800件までです。
visitors-error-repeat-except = 除く日を 2026-12-28 のように入力してください。
visitors-error-repeat-calendar = 選んだ休日カレンダーは削除されています。選び直してください。
visitors-error-repeat-never = 頻度を選んでください。
visitors-error-repeat-fixed = 繰り返しの指定は変更できません。以後の回を取り消し、新しく登録してください。

# 入力欄
visitors-repeat = 繰り返し
visitors-repeat-how = 頻度
visitors-repeat-choice-never = 繰り返さない
visitors-repeat-choice-daily = 毎日
visitors-repeat-choice-workdays = 平日（月曜日～金曜日）
visitors-repeat-choice-weekly = 毎週
visitors-repeat-choice-fortnightly = 隔週
visitors-repeat-choice-monthly-date = 毎月、同じ日付
visitors-repeat-choice-monthly-weekday = 毎月、同じ曜日（第2火曜日など）
visitors-repeat-choice-monthly-last = 毎月、末日
visitors-repeat-days = 曜日
visitors-repeat-days-hint = 毎週・隔週のとき。選ばなければ、開始日と同じ曜日になります。
visitors-repeat-until = 終わりの日
visitors-repeat-until-hint = 終わりの日か回数のどちらかを入力してください。どちらも空欄なら1年分を登録します。
visitors-repeat-count = 回数
visitors-repeat-except = 除く日
visitors-repeat-except-hint = 2026-12-28, 2027-01-04 のように、カンマで区切って入力してください。
visitors-repeat-japan = 日本の祝日を除く
visitors-repeat-calendars = 除く休日カレンダー
visitors-repeat-look = 日程を確認
visitors-repeat-preview = 次の{ $count }回です。まだ登録していません。{ $more }
visitors-repeat-for-a-year = 終わりの指定がないため、1年分です。

# 予定のページ
visitors-series = 繰り返し
visitors-series-all = すべての回
visitors-series-made = 来訪予定を登録しました。受付番号とQRコードは回ごとに異なります。
visitors-series-place = { $number }回目（全{ $count }回）
visitors-series-is-apart = この回は個別に変更されています。ほかの回の変更には影響されません。
visitors-series-apart = 個別に変更
visitors-series-cancelled = 取り消し
visitors-series-over = 終了
visitors-which = 対象
visitors-which-one = この回のみ
visitors-which-following = この回と以後のすべて
visitors-remove-following = 以後も外す
visitors-remove-following-question = この来訪者をこの回と以後のすべての予定から外し、本人に連絡します。

# 頻度の言葉
visitors-weekday-mo = 月曜日
visitors-weekday-tu = 火曜日
visitors-weekday-we = 水曜日
visitors-weekday-th = 木曜日
visitors-weekday-fr = 金曜日
visitors-weekday-sa = 土曜日
visitors-weekday-su = 日曜日
visitors-repeat-daily = 毎日
visitors-repeat-daily-each = { $count }日ごと
visitors-repeat-workdays = 平日（月曜日～金曜日）
visitors-repeat-weekly = 毎週{ $days }
visitors-repeat-weekly-each = { $count }週間ごとの{ $days }
visitors-repeat-monthly = 毎月{ $days }
visitors-repeat-monthly-each = { $count }か月ごとの{ $days }
visitors-repeat-date = { $day }日
visitors-repeat-last-day = 末日
visitors-repeat-nth-1 = 第1{ $day }
visitors-repeat-nth-2 = 第2{ $day }
visitors-repeat-nth-3 = 第3{ $day }
visitors-repeat-nth-4 = 第4{ $day }
visitors-repeat-nth-5 = 第5{ $day }
visitors-repeat-nth-last = 最終{ $day }
visitors-repeat-these-days = 指定の日程
visitors-repeat-hours = { $from }～{ $to }
visitors-repeat-from = { $from }から
visitors-repeat-listed = { $how }、全{ $count }回
visitors-repeat-but = （{ $days }を除く）
visitors-repeat-but-some = （一部の日を除く）
visitors-repeat-see-file = （日程は添付のカレンダーをご覧ください）
visitors-repeat-words = { $how }、全{ $count }回、{ $last }まで

# 来訪者ページ
visitors-page-series = 今後のご来訪
visitors-page-series-text = QRコードと番号は回ごとに異なります。それぞれの日のページに表示されるほか、前日にメールでお送りします。
visitors-page-cancel-all = 今後のすべての来訪を取りやめる
visitors-page-cancel-all-question = 今後のご来訪をすべて取り消し、担当者に連絡します。

# 来訪者へのメール
visitors-mail-series-invited-subject = 【{ $tenant }】{ $starts } からのご来訪のご案内
visitors-mail-series-invited-body =
    { $name } 様

    ご来訪をお待ちしております。

    日程：{ $series }
    場所：{ $site } { $place }
    { $address }
    担当：{ $host }

    初回：{ $starts }
    受付で、このメールのQRコードをかざすか、次の番号を入力してください。

    { $code }

    QRコードと番号は回ごとに異なります。2回目以降の分は前日にメールでお送りします。下のページでもご覧いただけます。添付のカレンダーにすべての日程が入っています。{ $registration ->
        [asked] {"\u000A\u000A"}ご来訪前に、来訪者ページで事前登録をお願いいたします。
       *[other] {""}
    }
visitors-mail-series-changed-subject = 【{ $tenant }】{ $starts } からのご来訪の変更
visitors-mail-series-changed-body =
    { $name } 様

    ご来訪の予定が、次のとおり変更されました。

    日程：{ $series }
    場所：{ $site } { $place }
    { $address }
    担当：{ $host }

    これらの日について以前お送りしたQRコードと番号はお使いいただけません。次回（{ $starts }）の番号は次のとおりです。

    { $code }

    その後の分は前日にメールでお送りします。下のページでもご覧いただけます。添付のカレンダーに変更後の日程が入っています。{ $registration ->
        [asked] {"\u000A\u000A"}ご来訪前に、来訪者ページで事前登録をお願いいたします。
       *[other] {""}
    }
visitors-mail-series-cancelled-subject = 【{ $tenant }】{ $starts } からのご来訪の取り消し
visitors-mail-series-cancelled-body =
    { $name } 様

    { $site } への次のご来訪は取り消されました。お越しいただく必要はございません。

    { $series }
    （最初の日：{ $starts }）

    ご不明な点は、担当の { $host } までお問い合わせください。

# 担当者への連絡
visitors-notice-guest-cancelled-series-subject = 来訪者が今後お越しになれなくなりました
visitors-notice-guest-cancelled-series-body = { $starts } 以降の来訪（{ $count }回）が、来訪者によってすべて取り消されました。

# 監査記録
act-series-make = 繰り返しの来訪予定の登録
act-series-change = 繰り返しの来訪予定の変更
act-series-cancel = 繰り返しの来訪予定の取り消し
act-series-add-guest = 繰り返しの来訪予定への来訪者の追加
act-series-remove-guest = 繰り返しの来訪予定からの来訪者の取り消し
kind-series = 繰り返しの来訪予定
