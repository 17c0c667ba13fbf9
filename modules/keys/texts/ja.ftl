# the rail and headings
keys-nav = 鍵
keys-title = 鍵
keys-key = 鍵
keys-keys = 鍵
keys-box = キーボックス
keys-boxes = キーボックス
keys-bin = ビン
keys-bins = ビン
keys-group = 鍵グループ
keys-groups = 鍵グループ
keys-people = 持ち出し中の人
keys-bookings = 予約
keys-reports = レポート
keys-alerts = アラート
keys-inventory = 在庫の確認
keys-search = 鍵・人・ボックスを検索
keys-where = 場所・持ち出し中の人
keys-since = いつから
keys-due = 返却期限
keys-holder = 持ち出し中の人
keys-held = 持ち出し中の鍵
keys-fob = タグ番号
keys-fob-hint = 鍵に付けたタグの番号です。ボックスはこの番号で鍵を見分けます。
keys-saved = 保存しました。
keys-choose = 選んでください
keys-zone-hint = 時刻はキーボックスの設置場所の時刻（{ $zone }）です。

# first hour
keys-first-title = 最初のキーボックスを登録しましょう
keys-first-text = キーボックスを登録すると、鍵を入れ、だれがいつ使えるかを決められます。
keys-first-note = 機器がまだ届いていなくても登録できます。あとから接続してください。

# overview
keys-tile-in = ボックスにある鍵
keys-tile-out = 持ち出し中
keys-tile-late = 返却期限切れ
keys-tile-wrong = 確認が必要
keys-tile-silent = 応答のないボックス
keys-none-found = 該当する鍵がありません
keys-none-found-text = 検索条件を変えてみてください。使える鍵がない場合は、管理者に権限を依頼してください。
keys-in-box-bin = { $box } のビン { $bin }
keys-nobody-knows = 所在不明
keys-holder-unknown = 不明
keys-with-somebody = ほかの人が持ち出し中
keys-box-line = 鍵 { $here } 本・持ち出し中 { $out } 本・ビン { $bins } 個
keys-state-in = あります
keys-state-released = 取り出し中
keys-state-out = 持ち出し中
keys-state-due-soon = まもなく期限
keys-state-late = 期限切れ
keys-state-forced = 不正な取り出し
keys-state-wrong-bin = 違うビンにあります
keys-state-missing = 所在不明

# boxes
keys-add-box = キーボックスを登録
keys-box-added = キーボックスを登録しました。次に鍵を登録してください。
keys-box-example = 例：本社 1 階受付
keys-site = 拠点
keys-no-site = （拠点なし）
keys-site-hint = 時刻とスケジュールは拠点の時刻に従います。
keys-directions = 設置場所の案内
keys-directions-hint = 例：正面玄関を入って左の壁
keys-bins-count = ビンの数
keys-columns = 横に並ぶ数
keys-return-policy = 返却場所
keys-return-fixed-bin = 決められたビン
keys-return-any-bin = 同じボックスのどのビンでも
keys-return-any-site = どのボックスでも
keys-return-as-box = ボックスの設定に従う
keys-clock = 現地の時刻
keys-last-seen = 最後の通信
keys-box-online = 接続中
keys-box-flaky = 接続が不安定
keys-box-silent = 応答なし
keys-box-silent-since = 応答なし（{ $since }から）
keys-box-waiting = 登録待ち
keys-box-revoked = 接続停止
keys-box-unconnected = 機器が未接続
keys-box-empty = このボックスに鍵はありません
keys-box-empty-text = 鍵を登録すると、ここに表示されます。
keys-cabinet-hint = 鍵を選ぶと詳細が表示されます。
keys-cabinet-hint-manager = ビンを選ぶと、中身の確認や遠隔での解錠ができます。
keys-device = 機器
keys-no-device = （接続しない）
keys-device-hint = 「機器」で登録した SmartBox を選びます。
keys-device-connect = 接続する
keys-box-retire = ボックスの撤去
keys-box-retire-question = このボックスを一覧から外します。履歴は残ります。鍵が残っている間は撤去できません。
keys-box-retire-do = 撤去する
keys-box-retired = ボックスを撤去しました。
keys-master = マスターロック
keys-master-text = ボックス全体を開けます。すべての鍵に手が届くため、理由を記録し、本人確認を行います。
keys-unlock = マスターロックを開ける
keys-unlock-question = { $box } の扉全体を解錠します。管理者に通知され、記録に残ります。
keys-unlock-do = 解錠する
keys-unlocking = 解錠の指示を送りました。10 秒以内に開けてください。
keys-openings = 遠隔解錠の履歴
keys-opened = 開けたもの
keys-no-openings = 遠隔解錠の記録はありません
keys-no-openings-text = ビンやマスターロックを遠隔で開けると、ここに記録されます。
keys-opening-sent = 送信済み
keys-opening-opened = 解錠済み
keys-opening-expired = 時間切れ
keys-opening-failed = 失敗

# bins
keys-bin-title = ビン { $bin }
keys-bin-free = 空き
keys-bin-inside = ビンの中
keys-bin-holds = 入っている鍵
keys-bin-home-of = ここに戻す鍵
keys-bin-door = 扉
keys-bin-sees = 読み取ったタグ
keys-door-unknown = 不明
keys-door-closed = 閉
keys-door-open = 開
keys-bin-open = 遠隔で開ける
keys-bin-open-text = まずランプを点灯し、現地の人に正しいビンかどうか確かめてもらってから開けます。
keys-bin-light = ランプを点灯する
keys-bin-lit = ビン { $bin } のランプを点灯しました。現地で確認できたら開けてください。
keys-bin-open-do = ビンを開ける
keys-bin-opening = 解錠の指示を送りました。10 秒以内に開けてください。
keys-bin-use = ビンの使用
keys-bin-disable = 使用を停止する
keys-bin-disable-question = このビンからの取り出しと、このビンへの返却を止めます。
keys-bin-disable-do = 停止する
keys-bin-disabled-because = 使用停止中：{ $reason }
keys-bin-enable = 使用を再開する
keys-bin-was-disabled = ビンの使用を停止しました。
keys-bin-was-enabled = ビンの使用を再開しました。
keys-add-key-here = このビンに鍵を登録
keys-bin-says-full = ビン { $bin }：{ $key } があります
keys-bin-says-out = ビン { $bin }：{ $key } は { $holder } が持ち出し中です
keys-bin-says-late = ビン { $bin }：{ $key } は期限を過ぎています（{ $holder }）
keys-bin-says-missing = ビン { $bin }：{ $key } の所在が分かりません
keys-bin-says-elsewhere = ビン { $bin }：{ $key } は別の場所にあります
keys-bin-says-released = ビン { $bin }：{ $key } を取り出し中です
keys-bin-says-wrong = ビン { $bin }：{ $key } が誤って入っています
keys-bin-says-free = ビン { $bin }：空いています
keys-bin-says-disabled = ビン { $bin }：使用停止中（{ $reason }）

# keys
keys-add-key = 鍵を登録
keys-key-added = 鍵を登録しました。
keys-key-example = 例：社用車 3
keys-description = 説明
keys-pickup-note = 持ち出した人への案内
keys-pickup-note-hint = 鍵を取り出した人にだけ伝えます（例：駐車位置、暗証番号の場所）。
keys-place = 置き場所
keys-home = 戻す場所
keys-home-box = 戻すボックス
keys-home-bin = 戻すビン
keys-no-box = （ボックスなし）
keys-hangs-there = すでにこのビンに入っている
keys-due-rule = 返却期限の決め方
keys-due-never = 期限なし
keys-due-after = 取り出してから一定時間後
keys-due-at = 決まった時刻
keys-due-minutes = 分
keys-due-time = 時刻
keys-due-days = 日後（0 は当日）
keys-take = 鍵を取り出す
keys-take-here = ボックスの前で開ける
keys-take-question = { $box } のビン { $bin } を開けます。ボックスの前にいるときだけ押してください。10 秒以内に扉を引いてください。
keys-take-do = 開ける
keys-take-now = ビンを開けています。10 秒以内に取り出してください。
keys-lend = 貸し出す
keys-lend-to = 貸し出す相手
keys-lend-until = いつまで
keys-lend-how = 方法
keys-lend-grant = 本人がボックスから取り出せるようにする
keys-lend-loan = 手渡ししたので、貸出として記録する
keys-lend-do = 貸し出す
keys-lent = 貸し出しました。本人に通知します。
keys-lent-by-hand = 貸出として記録しました。
keys-return = 返却を記録する
keys-return-text = 手で戻した鍵を記録します。ボックスに戻された鍵は自動で記録されます。
keys-return-bin = 戻したビン
keys-return-do = 返却済みにする
keys-returned = 返却を記録しました。
keys-hand-over = 引き継ぐ
keys-hand-over-text = ボックスに戻さずに、ほかの人へ渡します。相手に届くコードを入力すると完了します。
keys-hand-over-to = 渡す相手
keys-hand-over-do = コードを送る
keys-hand-over-code = 相手に届いたコード
keys-hand-over-ask = 相手に 6 桁のコードを送りました。相手から聞いて入力してください。
keys-hand-over-confirm = 引き継ぎを完了する
keys-handed-over = 引き継ぎました。
keys-fault = 不具合を知らせる
keys-fault-what = どうしましたか
keys-fault-do = 知らせる
keys-fault-reported = ありがとうございます。管理者に知らせました。
keys-keycode = キーコード
keys-keycodes = キーコード
keys-keycode-text = ボックスで入力すると、鍵があるかどうかが分かり、一度だけ取り出せるコードです。鍵が取り出されるまで有効です。
keys-keycode-given-to = 渡す相手
keys-keycode-wish = 希望のコード（4～16 桁）
keys-keycode-make = キーコードを作る
keys-keycode-made = キーコードを作りました。
keys-keycode-cancel = 取り消す
keys-keycode-cancel-question = このコードはすぐに使えなくなります。
keys-keycode-cancel-do = 取り消す
keys-keycode-cancelled = キーコードを取り消しました。
keys-withdraw = 鍵の登録を終える
keys-withdraw-text = 紛失や交換で使わなくなった鍵の登録を終えます。履歴は残ります。
keys-withdraw-question = { $key } の権限、予約、キーコードがすべて無効になります。元に戻せません。
keys-withdraw-do = 登録を終える
keys-withdrawn = 鍵の登録を終えました。

# rights and history
keys-who-can = この鍵を使える人
keys-right = 権限
keys-right-view = 見る
keys-right-exchange = 使う
keys-right-manage = 管理する
keys-right-when = いま
keys-right-now = 使えます
keys-right-later = 時間外または条件あり
keys-no-rights = この鍵を使える人はいません
keys-no-rights-text = 人またはグループに権限を付与してください。
keys-give-right = 権限を付与
keys-why = 理由
keys-no-history = まだ貸出の記録はありません
keys-no-history-text = 鍵が取り出されると、ここに記録されます。
keys-loan-released = { $who } が取り出し中です
keys-loan-out = { $who } が持ち出しています
keys-loan-returned = { $who } が返却しました
keys-loan-not-taken = { $who } は取り出しませんでした
keys-loan-handed-over = { $who } が引き継ぎました
keys-loan-lost = { $who } の貸出は返却のないまま終わりました
keys-loan-state-released = 取り出し中
keys-loan-state-out = 持ち出し中
keys-loan-state-returned = 返却済み
keys-loan-state-not-taken = 取り出しなし
keys-loan-state-handed-over = 引き継ぎ済み
keys-loan-state-lost = 未返却で終了
keys-way = 方法
keys-way-id-number = ID番号とワンタイムコード
keys-way-badge = バッジ
keys-way-booking-code = 予約コード
keys-way-booking-link = 予約ページ
keys-way-keycode = キーコード
keys-way-web = Web
keys-way-registered = 手渡しの記録
keys-way-hand-over = 引き継ぎ
keys-way-manager-opening = 管理者による解錠
keys-way-force = 不正な取り出し
keys-taken-at = 取り出し
keys-ended-at = 返却
keys-was-late = 期限超過
keys-report-loans = だれが、いつ、何を
keys-report-overdue = 期限切れ
keys-report-idle = 使われていない鍵
keys-idle-days = 日数
keys-last-moved = 最後に動いた日
keys-none-idle = 使われていない鍵はありません
keys-none-idle-text = この期間にすべての鍵が使われました。
keys-from = 開始日
keys-until = 終了日
keys-nobody-holds = 持ち出し中の鍵はありません
keys-nobody-holds-text = すべての鍵がボックスにあります。

# groups
keys-groups-text = グループに付与した権限は、その中のすべての鍵に及びます。
keys-no-groups = 鍵グループはまだありません
keys-no-groups-text = 社用車、会議室などの単位でまとめると、権限をまとめて付与できます。
keys-group-example = 例：社用車
keys-group-add = 鍵グループを作る
keys-group-added = 鍵グループを作りました。
keys-group-put = 追加する
keys-group-take = 外す
keys-group-remove-question = グループとその権限がなくなります。鍵はそのまま残ります。
keys-group-remove-do = グループを削除する
keys-group-removed = グループを削除しました。

# bookings
keys-book = 予約する
keys-book-do = 予約する
keys-booked = 予約しました。
keys-book-whom = だれのための予約ですか
keys-book-me = 自分
keys-book-person = 社内の人
keys-book-guest = 社外の人
keys-guest-name = お名前
keys-guest-mail = メールアドレス
keys-guest-language = 言語
keys-starts = 開始
keys-ends = 終了
keys-bookings-coming = これからの予約
keys-no-bookings = 予約はありません
keys-no-bookings-text = 予約すると、その時間は鍵が確保されます。
keys-week-before = 前の週
keys-week-this = 今週
keys-week-after = 次の週
keys-booking-booked = 予約中
keys-booking-cancelled = 取り消し済み
keys-booking-over = 終了
keys-booking-code = 予約コード
keys-booking-address = 予約者専用ページ
keys-booking-open = ページを開く
keys-booking-of = { $who }：{ $keys }
keys-booking-cancel = 予約を取り消す
keys-booking-cancel-question = コードと専用ページはすぐに使えなくなります。
keys-booking-cancel-do = 取り消す
keys-booking-was-cancelled = 予約を取り消しました。
keys-guest-title = 鍵のご案内
keys-guest-when = ご利用時間
keys-guest-early = まだご利用時間前です。時間になると取り出せます。
keys-guest-over = ご利用時間は終わりました。鍵をお持ちの場合は、いつでもボックスに返却できます。
keys-guest-code-text = ボックスの画面でこのコードを入力してください。
keys-guest-yours = この鍵はお手元にあります。
keys-guest-return = 返却はいつでもできます。ボックスの画面で「返却」を押し、開いたビンに鍵を入れて扉を閉めてください。
keys-guest-not-there = いまこの鍵はボックスにありません。予約した人にお問い合わせください。

# my page and today
keys-me-held = 持っている鍵
keys-me-none = 持ち出し中の鍵はありません。
keys-me-booked = 予約：{ $keys }
keys-today-silent = { $box } から応答がありません
keys-today-wrong = 鍵とボックスの確認事項

# inventory
keys-what = 内容
keys-incidents = 確認が必要なこと
keys-all-well = 問題はありません
keys-all-well-text = 不具合やずれがあると、ここに表示されます。
keys-astray = 所在を直す鍵
keys-differences = 記録とボックスのずれ
keys-by-book = 記録
keys-by-box = ボックスの検知
keys-unknown-fob = 未登録のタグ { $fob }
keys-mend = 対応
keys-mend-seen-to = 対応済みにする
keys-mend-missing = ここにはない
keys-mend-found = 見つかった
keys-mend-found-in = 見つけた場所
keys-mend-found-here = ここにあると記録する
keys-mend-new-home = ここを戻す場所にする
keys-mend-new-fob = このタグに付け替えた
keys-mended = 記録を直しました。
keys-incident-fault = { $key }：不具合の報告がありました
keys-incident-removed-by-force = { $key } が権限なく取り出されました（{ $box } ビン { $bin }）
keys-incident-missing = { $key } の所在が分かりません
keys-incident-wrong-bin = { $key } が違うビンに入っています（{ $box } ビン { $bin }）
keys-incident-swapped = { $key } が記録と違う人に渡りました
keys-incident-bin-forced = { $box } のビン { $bin } がこじ開けられました
keys-incident-bin-left-open = { $box } のビン { $bin } が開いたままです
keys-incident-unknown-fob = { $box } のビン { $bin } に未登録のタグがあります
keys-incident-tampered = { $box } に不審な操作がありました
keys-incident-power-lost = { $box } の電源が失われました
keys-incident-battery-low = { $box } の電池が残りわずかです

# alerts
keys-alert-add = アラートを作る
keys-alert-example = 例：社用車の返却遅れ
keys-alert-events = 知らせる出来事
keys-alert-late-by = 期限切れは、何分を過ぎたら知らせますか
keys-alert-only = 対象（選ばなければすべて）
keys-alert-tells = 知らせる相手
keys-alert-people = 社内の人
keys-alert-outsiders = メールアドレス・電話番号
keys-alert-outsiders-hint = 1 行に 1 件ずつ入力します。
keys-alert-active = 有効にする
keys-alert-remove-question = このアラートは届かなくなります。
keys-alert-remove-do = 削除する
keys-alert-removed = アラートを削除しました。
keys-no-alerts = アラートはまだありません
keys-no-alerts-text = 返却遅れや不正な取り出しがあったときに、決めた人へ知らせます。
keys-event-taken = 取り出し
keys-event-returned = 返却
keys-event-due-soon = まもなく期限
keys-event-overdue = 期限切れ
keys-event-removed-by-force = 不正な取り出し・所在不明
keys-event-wrong-bin = 違うビンへの返却
keys-event-fault-reported = 不具合の報告
keys-event-bin-opened = ビンの遠隔解錠
keys-event-master-unlocked = マスターロックの解錠
keys-event-booked = 予約
keys-event-tampered = 不審な操作
keys-event-power-lost = 電源・電池
keys-event-went-offline = 応答なし

# refusals
keys-refused-no-right = この操作をする権限がありません。必要な場合は管理者に依頼してください。
keys-refused-outside-hours = いまは使える時間外です。返却はいつでもできます。
keys-refused-not-yet = まだ使える期間ではありません。
keys-refused-expired = 使える期間は終わりました。
keys-refused-step-up = 続けるには、もう一度本人確認をしてください。
keys-refused-second-person = この操作には、もう一人の立ち会いが必要です。
keys-refused-already-out = この鍵はほかの人が持ち出しています。
keys-refused-being-taken = ほかの人がちょうど取り出しています。
keys-refused-not-there = この鍵はボックスにありません。
keys-refused-other-box = この鍵は別のボックスにあります。
keys-refused-bin-disabled = このビンは使用を停止しています。
keys-refused-bin-taken = そのビンには別の鍵が記録されています。
keys-refused-no-device = このボックスには機器が接続されていません。
keys-refused-booked = いまはほかの人が予約しています。
keys-refused-booked-then = その時間はほかの予約が入っています。
keys-refused-booking-ended = この予約は、すでに終わったか取り消されています。
keys-refused-not-in-force = この予約またはコードは、いまは使えません。
keys-refused-box-full = 空いているビンがありません。
keys-refused-box-not-empty = 鍵が残っています。先に鍵を移してください。
keys-refused-no-fob = ビンにタグが見えません。
keys-refused-not-holder = この鍵はあなたが持ち出したものではありません。
keys-refused-receiver = 相手がこの鍵を受け取れません。ID番号と権限を確認してください。
keys-refused-to-oneself = 自分自身には引き継げません。
keys-refused-wrong-code = コードが違います。
keys-refused-code-spent = このコードはもう使えません。最初からやり直してください。

# what is wrong with a form
keys-error-empty = 入力してください。
keys-error-too-long = 長すぎるか、使えない文字が含まれています。
keys-error-reason = 理由を入力してください。
keys-error-past = これからの時刻を入力してください。
keys-error-time = 日時が正しくありません。
keys-error-backwards = 終了は開始より後にしてください。
keys-error-period-too-long = 予約できるのは 1 年以内です。
keys-error-choose-key = 鍵を選んでください（20 本まで）。
keys-error-choose-person = 相手を選んでください。
keys-error-zones-differ = 時刻の異なる場所の鍵は、別々に予約してください。
keys-error-mail = メールアドレスが正しくありません。
keys-error-address = メールアドレスか電話番号を入力してください。
keys-error-choose-event = 出来事を選んでください。
keys-error-choose-recipient = 知らせる相手を選んでください。
keys-error-too-many-recipients = 相手は 20 件までです。
keys-error-bins = ビンは 1～200 個です。
keys-error-bins-in-use = 使われているビンがあるため、減らせません。
keys-error-columns = 横に並ぶ数は 1～20 です。
keys-error-device-taken = この機器は別のボックスに接続されています。
keys-error-no-such-bin = そのビンはありません。
keys-error-bin-taken = そのビンには別の鍵があります。
keys-error-fob = タグ番号は英数字とハイフン（64 字まで）で入力してください。
keys-error-fob-taken = このタグは別の鍵に使われています。
keys-error-due = 時刻が正しくありません。
keys-error-code = コードは 4～16 桁の数字です。
keys-error-code-taken = このコードは使われています。別のコードにしてください。

# the screen of a box
keys-panel-not-set-up = このボックスはまだ設定されていません。管理者にお知らせください。
keys-panel-not-understood = もう一度お試しください。
keys-panel-session-over = 時間が過ぎました。最初からやり直してください。
keys-panel-unknown-badge = このバッジは登録されていません。
keys-panel-wrong-code = コードが違います。
keys-panel-not-yet = まだ予約の時間前です。
keys-panel-locked = 間違いが続いたため、ロックされました。管理者にお知らせください。
keys-panel-no-code = コードを送れませんでした。管理者にお知らせください。
keys-panel-same-person = 「もう一人」には、別の方の番号か社員証が必要です。
keys-panel-later = 間違いが続いたため、しばらく受け付けません。返却はできます。

# links of notices
keys-notice-open-key = 鍵のページを開く
keys-notice-open-box = ボックスのページを開く
keys-notice-open-booking = 予約のページを開く

# notices
keys-notice-taken-subject = { $thing } が取り出されました
keys-notice-taken-body = { $holder } さんが { $at } に「{ $thing }」を取り出しました。
keys-notice-taken-short = { $thing } が取り出されました
keys-notice-you-took-subject = { $thing } を取り出しました
keys-notice-you-took-body =
    { $at } に「{ $thing }」を取り出しました。

    { $detail }

    心当たりがない場合は、すぐに管理者へお知らせください。
keys-notice-you-took-short = { $thing } を取り出しました
keys-notice-returned-subject = { $thing } が返却されました
keys-notice-returned-body = 「{ $thing }」が { $at } に返却されました（{ $holder }）。
keys-notice-returned-short = { $thing } が返却されました
keys-notice-you-returned-subject = { $thing } を返却しました
keys-notice-you-returned-body = { $at } に「{ $thing }」の返却を確認しました。ありがとうございました。
keys-notice-you-returned-short = { $thing } を返却しました
keys-notice-due-soon-subject = { $thing } の返却期限が近づいています
keys-notice-due-soon-body = 「{ $thing }」（{ $holder }）の返却期限は { $at } です。
keys-notice-due-soon-short = { $thing } の返却期限が近づいています
keys-notice-you-due-soon-subject = { $thing } の返却期限が近づいています
keys-notice-you-due-soon-body = 「{ $thing }」の返却期限は { $at } です。期限までにボックスへお戻しください。
keys-notice-you-due-soon-short = { $thing } の返却期限が近づいています
keys-notice-overdue-subject = { $thing } が返却されていません
keys-notice-overdue-body = 「{ $thing }」（{ $holder }）の返却期限 { $at } を { $minutes } 分過ぎています。
keys-notice-overdue-short = { $thing } が返却されていません
keys-notice-you-overdue-subject = { $thing } の返却期限を過ぎています
keys-notice-you-overdue-body = 「{ $thing }」の返却期限は { $at } でした。できるだけ早くボックスへお戻しください。返却はいつでもできます。
keys-notice-you-overdue-short = { $thing } の返却期限を過ぎています
keys-notice-removed-by-force-subject = 【警告】{ $thing } が権限なく取り出されました
keys-notice-removed-by-force-body = 「{ $thing }」が { $at } に権限なく取り出されました。現地を確認してください。
keys-notice-removed-by-force-short = 【警告】{ $thing } が権限なく取り出されました
keys-notice-missing-subject = { $thing } の所在が分かりません
keys-notice-missing-body = 「{ $thing }」がボックスにも貸出の記録にもありません（{ $at }）。在庫を確認してください。
keys-notice-missing-short = { $thing } の所在が分かりません
keys-notice-wrong-bin-subject = { $thing } が違うビンに返却されました
keys-notice-wrong-bin-body = 「{ $thing }」がビン { $number } に入っています（{ $at }）。
keys-notice-wrong-bin-short = { $thing } が違うビンに返却されました
keys-notice-fault-subject = { $thing } に不具合の報告があります
keys-notice-fault-body = 「{ $thing }」について { $at } に不具合の報告がありました（{ $holder }）。
keys-notice-fault-short = { $thing } に不具合の報告があります
keys-notice-bin-opened-subject = { $thing } のビン { $number } が遠隔で開けられました
keys-notice-bin-opened-body = { $holder } さんが { $at } に { $thing } のビン { $number } を遠隔で開けました。
keys-notice-bin-opened-short = { $thing } のビン { $number } が遠隔で開けられました
keys-notice-master-subject = { $thing } のマスターロックが解錠されました
keys-notice-master-body =
    { $holder } さんが { $at } に { $thing } のマスターロックを解錠しました。

    理由：{ $detail }
keys-notice-master-short = { $thing } のマスターロックが解錠されました
keys-notice-trouble-subject = { $thing } を確認してください
keys-notice-trouble-body = { $thing } で { $at } に異常を検知しました。在庫の確認ページで内容をご覧ください。
keys-notice-trouble-short = { $thing } を確認してください
keys-notice-power-subject = { $thing } の電源を確認してください
keys-notice-power-body = { $thing } の電源または電池に異常があります（{ $at }）。
keys-notice-power-short = { $thing } の電源を確認してください
keys-notice-offline-subject = { $thing } から応答がありません
keys-notice-offline-body = { $thing } との通信が { $at } から途絶えています。
keys-notice-offline-short = { $thing } から応答がありません
keys-notice-was-booked-subject = { $thing } が予約されました
keys-notice-was-booked-body = 「{ $thing }」が { $at } から予約されました（{ $holder }）。
keys-notice-was-booked-short = { $thing } が予約されました
keys-notice-lent-subject = { $key } を使えるようになりました
keys-notice-lent-body = 「{ $key }」を使う権限が付与されました。ボックスで本人確認のうえ取り出せます。
keys-notice-lent-short = { $key } を使えるようになりました
keys-notice-lent-until-subject = { $key } を使えるようになりました
keys-notice-lent-until-body = 「{ $key }」を { $until } まで使えます。ボックスで本人確認のうえ取り出せます。
keys-notice-lent-until-short = { $key } を使えるようになりました
keys-notice-hand-over-subject = { $key } の引き継ぎコード
keys-notice-hand-over-body =
    「{ $key }」を受け取る場合は、渡す人に次のコードを伝えてください。

    { $code }

    心当たりがない場合は、だれにも伝えないでください。
keys-notice-hand-over-short = { $key } の引き継ぎコード（コード：{ $code }）
keys-notice-booked-subject = { $keys } を予約しました
keys-notice-booked-body =
    「{ $keys }」を { $starts } から { $ends } まで予約しました。

    予約コード：{ $code }
keys-notice-booked-short = { $keys } を予約しました
keys-notice-booked-guest-subject = 鍵のご案内
keys-notice-booked-guest-body =
    「{ $keys }」を { $starts } から { $ends } までご利用いただけます。

    ボックスの画面で次のコードを入力してください。

    { $code }

    下のページからも取り出せます。
keys-notice-booked-guest-short = 鍵のご案内
keys-notice-booking-cancelled-subject = 予約が取り消されました
keys-notice-booking-cancelled-body = 「{ $keys }」の { $starts } からの予約は取り消されました。
keys-notice-booking-cancelled-short = 予約が取り消されました

keys-today-out = { $count } 本が持ち出し中です
keys-here = 今日、鍵を受け取った人
keys-here-count = { $site }：{ $count }名
keys-here-note = 今日この拠点で鍵を受け取り、まだ返していない人です。入退室の記録ではないため、在館者の全員ではありません。
keys-kind-mine = 自分が持っている鍵（受け取り・返却・期限）
keys-kind-watched = 管理している鍵やボックスの異常・期限超過
keys-kind-rights = 鍵を使えるようになったとき
keys-set-about = 鍵の状態、貸し出し、鍵ごとの設定
keys-set-box-about = 新しいボックスを登録して、機器とつなぎます。
keys-set-groups-about = 鍵をまとめ、まとめて権限を付与します。
keys-set-alerts-about = どの出来事を、だれに、どの方法で知らせるか
keys-set-inventory-about = 帳簿と実物の違いを確かめて直します。
keys-set-reports-about = 貸出の履歴、期限超過、使われていない鍵
keys-group-count = 鍵{ $count }本
keys-lend-hint = 鍵と相手を順に選ぶと、その方が鍵を受け取れるようになります。絵の中の札を相手の名前まで引いていくこともできます。
keys-lend-which = どの鍵を
keys-lend-whom = だれに
keys-lend-find = 名前で絞り込む
keys-lend-choose = 鍵と相手を選んでください。
keys-me-take = 「{ $key }」を受け取る
keys-me-may-take = いま受け取れる鍵
keys-me-at = 場所
