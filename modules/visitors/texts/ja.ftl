# 断りの言葉
visitors-refused-no-right = この拠点ではこの操作を行う権限がありません。管理者にご相談ください。
visitors-refused-here = 来訪者はすでに入館しています。
visitors-refused-not-yet = まだその時間ではありません。
visitors-refused-over = 来訪の時間は終了しています。
visitors-refused-cancelled = この来訪は取り消されています。
visitors-refused-refused = この来訪者の入館はお断りしています。
visitors-refused-gone = 来訪者はすでに退館しています。
visitors-check-in-not-now = このコードは現在ご利用いただけません。受付にお声がけください。
visitors-check-in-too-many = 番号の誤りが続いたため、受付を一時停止しています。数分待ってからお試しいただくか、受付にお声がけください。

# 入力の誤り
visitors-error-empty = 入力してください。
visitors-error-too-long = 長すぎるか、使えない文字が含まれています。
visitors-error-mail = メールアドレスの形式をご確認ください。
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
