# お知らせの設定と、アカウントについてのお知らせ
notify-test-subject = 送信テスト
notify-test-body = これは送信テストです。このメッセージが届いていれば、設定は正しく働いています。
notify-test-link = お知らせの状況を見る
