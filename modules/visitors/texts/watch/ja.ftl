# 要確認リスト（管理者のみ）
visitors-watch = 要確認リスト
visitors-set-watch-about = 入館前に守衛へ確認する人。管理者だけが見られます
visitors-watch-new = 対象者を追加
visitors-watch-add = 追加する
visitors-watch-added = 要確認リストに追加しました。
visitors-watch-entry = 要確認リストの対象者
visitors-watch-names = 氏名
visitors-watch-names-hint = 1行に1つ、10個まで。漢字・かな・ローマ字など、分かる表記をすべて入力してください。漢字の読みは推測しないため、ふりがながないと、かなやローマ字の氏名とは照合できません。
visitors-watch-organisation-hint = 照合には使いません。一致したときに並べて表示します。
visitors-watch-reason = 理由
visitors-watch-reason-hint = 管理者だけに表示されます。事実だけを簡潔に入力してください。
visitors-watch-phone = 守衛の連絡先
visitors-watch-phone-hint = 受付に表示されます（例：内線 110）。
visitors-watch-from = 開始日
visitors-watch-until = 終了日
visitors-watch-until-hint = この日を過ぎると自動的に消去されます。空欄の場合は、削除するまで残ります。
visitors-watch-sites-hint = 選ばない場合は、すべての拠点が対象です。
visitors-watch-who-sees = 氏名の似た来訪者があると、その拠点の受付に「守衛に確認」と表示されます。担当者と来訪者には何も表示されません。
visitors-watch-remove = 削除
visitors-watch-remove-question = この対象者を要確認リストから削除し、一致した来訪者の表示も取り消します。元に戻せません。
visitors-watch-remove-do = 削除する
visitors-watch-removed = 要確認リストから削除しました。
visitors-watch-search = 氏名・会社名・理由で検索
visitors-watch-validity = 有効期間
visitors-watch-always = 期限なし
visitors-watch-made = 登録
visitors-watch-all-sites = すべての拠点
visitors-watch-none = 該当する対象者はいません
visitors-watch-none-text = 入館前に守衛への確認が必要な人を登録すると、来訪の予定と到着のたびに氏名を照合します。
visitors-watch-matches = 氏名の似た来訪者
visitors-watch-likeness = 一致の程度
visitors-watch-same = 表記が一致
visitors-watch-sound = 読みが一致
visitors-watch-similar = 1文字違い
visitors-watch-same-organisation = 会社名は一致
visitors-watch-other-organisation = 会社名は異なります
visitors-watch-visits = 今後{ $count }回
visitors-watch-made-by = 登録：{ $name }
visitors-watch-clear = 別人
visitors-watch-clear-question = この来訪者を対象者とは別人として記録し、今後この組み合わせでは確認を求めません。
visitors-watch-clear-do = 別人として記録する
visitors-watch-cleared = 別人として記録しました。
visitors-watch-import = 要確認リストの一括登録
visitors-watch-import-hint = 1行目は見出しです：氏名, 会社名, 理由, 連絡先, 開始日, 終了日, 拠点。氏名と理由は必須です。氏名と拠点は、セミコロン（;）で区切って複数入力できます。
visitors-watch-import-do = すべて登録する
visitors-watch-imported = 要確認リストに登録しました。

# 入力の誤り
visitors-error-watch-names = 氏名は10個までです。
visitors-error-watch-name = 照合できる文字のない氏名があります。
visitors-error-watch-header = 見出しには少なくとも「氏名」と「理由」が必要です。
visitors-error-day = 日付の形式をご確認ください（例：2026-11-22）。
visitors-refused-watch-full = 要確認リストに登録できるのは2,000人までです。不要になった対象者を削除してください。

# 受付に表示
visitors-ask-guard = 守衛に確認
visitors-guard-asked = 守衛に確認済み
visitors-ask-guard-question = 入館を許可する前に、守衛に確認してください。
visitors-ask-guard-do = 守衛に確認済みとして入館を許可する
visitors-guard-asked-do = 守衛に確認済みとする
visitors-refused-ask-guard = 入館を許可する前に、守衛に確認してください。確認後、来訪の一覧から許可してください。

# 連絡
visitors-kind-watch = 守衛への確認が必要な来訪者
visitors-notice-watch-why = 要確認リストを開く
visitors-notice-watch-planned-subject = 守衛への確認が必要な来訪予定があります
visitors-notice-watch-planned-body = { $starts } に { $site } へお越しになる予定の来訪者について、入館を許可する前に守衛に確認してください。来訪者と担当者には知らせていません。
visitors-notice-watch-planned-short = { $starts } の来訪者（{ $site }）：入館前に守衛に確認してください
visitors-notice-watch-here-subject = 守衛への確認が必要な来訪者がお見えです
visitors-notice-watch-here-body = { $at } に { $site } にお見えになった来訪者について、入館を許可する前に守衛に確認してください。来訪者と担当者には知らせていません。
visitors-notice-watch-here-short = { $site } にお見えの来訪者：入館前に守衛に確認してください
visitors-notice-watch-passed-subject = 守衛への確認なしに来訪者が入館しました
visitors-notice-watch-passed-body = 守衛への確認が必要な来訪者が、{ $at } に { $site } へ入館しました。許可した人には、確認が必要なことを知らせていません。
visitors-notice-watch-passed-short = { $site }：守衛への確認なしに来訪者が入館しました
visitors-notice-watch-delivery-subject = 守衛への確認が必要な配達がありました
visitors-notice-watch-delivery-body = { $site } の受付端末で受け付けた配達物の持参者について、守衛に確認してください。持参者には知らせていません。
visitors-notice-watch-delivery-short = { $site } に届いた配達：守衛に確認してください

# 監査記録
act-watch-entry-add = 要確認リストへの追加
act-watch-entry-change = 要確認リストの対象者の変更
act-watch-entry-remove = 要確認リストからの削除
act-watch-entry-expire = 要確認リストの期限切れによる消去
act-watch-entry-see = 要確認リストの対象者の閲覧
act-watch-list-see = 要確認リストの閲覧
act-watch-list-import = 要確認リストの一括登録
act-watch-list-export = 要確認リストの書き出し
act-watch-match = 要確認リストとの一致
act-watch-guard-asked = 守衛に確認したことの記録
act-watch-clear = 要確認リストの対象者とは別人との記録
kind-watch-entry = 要確認リストの対象者
