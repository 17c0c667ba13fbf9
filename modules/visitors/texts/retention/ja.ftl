# 来訪の記録の保存期間
visitors-retention = 来訪の記録の保存期間
visitors-retention-about = 来訪者の情報と来訪の記録をいつまで残すか
visitors-retention-lead = 初期設定では期限なく保存します。種別ごとに、来訪が終わってから何日後に消去するかを指定できます。来訪者の情報を消去すると、氏名や連絡先はなくなりますが、いつ誰を訪ねたかは残ります。来訪の記録を削除すると、それも残りません。監査記録には削除したことと件数だけが、統計には日ごとの件数だけが残ります。3日以内に削除すると、端末から遅れて届いた到着は統計に含まれないことがあります。
visitors-keep-forget = 来訪者の情報を消去（日後）
visitors-keep-remove = 来訪の記録を削除（日後）
visitors-keep-for-ever = 空欄は期限なし
visitors-keep-look = いま対象になる件数を確認
visitors-keep-would = この設定では、いま来訪者 { $guests } 人の情報が消去され、来訪の記録 { $visits } 件が削除されます。消去した情報は元に戻せません。
visitors-error-keep-days = 1～36500の日数を入力してください。
visitors-error-keep-order = 来訪者の情報の消去と同じ日数か、それより長い日数を入力してください。
act-visitor-retention-change = 来訪の記録の保存期間の変更
act-visit-remove = 保存期間を過ぎた来訪の記録の削除
