# 機器
devices-title = 機器
devices-new = 機器を追加
devices-add = 追加して登録コードを発行
devices-kind = 種類
devices-kind-smartbox = キーボックス
devices-kind-door = 扉
devices-kind-agent = エージェント
devices-site = 拠点
devices-error-site = 拠点を選び直してください。
devices-last-seen = 最終通信
devices-power = 電源
devices-power-mains = 商用電源
devices-power-battery = バッテリー { $percent }%
devices-power-battery-only = バッテリー
devices-name-hint = 設置場所がわかる名前にすると、止まったときにすぐ見つけられます。
devices-none = 機器はまだありません
devices-none-text = キーボックスなどの機器を追加すると、ここに状態が表示されます。
devices-none-found = 条件に合う機器はありません
devices-none-found-text = 検索語や状態の条件を変えてください。
devices-saved = 保存しました。
devices-steps = 登録の流れ
devices-steps-text = 1. 名前を付けて追加します。2. 一度だけ表示される登録コードを、機器の画面で入力するか、表示されたコマンドで設定します。3. 機器が証明書を受け取り、接続を始めます。
devices-state-all = すべて（失効を除く）
devices-state-waiting = 登録待ち
devices-state-online = 接続中
devices-state-flaky = 接続が不安定
devices-state-offline = 未接続
devices-state-revoked = 失効
devices-condition = 状態
devices-lately = 最近のイベント
devices-events = イベント
devices-commands = 指示
devices-command = 指示
devices-certificate-until = 証明書の期限
devices-agent = エージェント
devices-uptime = 稼働時間
devices-uptime-hours = { $hours } 時間
devices-unsent = 未送信のイベント
devices-tamper = こじ開け検知
devices-clock = 時計
devices-clock-good = 合っています
devices-clock-unset = サーバーとの時刻合わせを待っています
devices-bins = ビン
devices-bin = 番号
devices-bin-door = 扉
devices-bin-content = 中身
devices-bin-closed = 閉
devices-bin-open = 開
devices-bin-empty = 空
devices-bin-something = あり
devices-events-none = イベントはまだありません
devices-events-none-text = 機器が接続すると、起きたことが順に記録されます。
devices-commands-none = 指示はまだありません
devices-commands-none-text = 鍵の貸し出しや再起動など、機器に出した指示がここに残ります。
devices-advice-waiting = この機器はまだ登録されていません。登録コードの有効期限が切れたときは、「設定」から発行し直してください。
devices-advice-offline = この機器と通信できません。電源とネットワークを確認してください。接続が戻るまで鍵は取り出せませんが、返却はいつでもできます。
devices-advice-flaky = 接続がたびたび切れています。ネットワークの配線や電波の状態を確認してください。
devices-advice-revoked = この機器は失効しています。もう一度使うには、新しい機器として追加してください。
devices-claim-title = 登録コード
devices-claim-code = コード
devices-claim-until = 有効期限
devices-claim-server = サーバー
devices-claim-once = このコードは今だけ表示されます。30 分以内に一度だけ使えます。
devices-claim-command = コマンドで登録する
devices-claim-command-text = 機器の上で次のコマンドを実行してください。
devices-claim-qr = QR コードで登録する
devices-claim-qr-text = 機器のカメラにかざすと、サーバーと登録コードが読み込まれます。
devices-claim-done = 機器の状態を見る
devices-copy = コピー
devices-claim-again = 登録コードを再発行
devices-claim-again-text = 機器を交換したときや、設定し直すときに使います。前のコードは無効になります。
devices-claim-again-question = 新しい登録コードを発行します。機器が登録し直すと、今の証明書は使えなくなります。
devices-restart = 再起動
devices-restart-text = エージェントを起動し直します。接続している機器にはすぐ届きます。
devices-restarting = 再起動の指示を出しました。
devices-revoke = 失効させる
devices-revoke-text = 紛失や盗難、廃棄のときに使います。接続はすぐに切れ、元に戻せません。
devices-revoke-question = 「{ $name }」を失効させます。接続は 1 秒以内に切れ、この機器は二度と接続できません。
devices-revoked-done = 機器を失効させました。
devices-actor-person = 利用者
devices-actor-guest = ゲスト
devices-actor-panel = 操作パネル
devices-actor-system = システム
devices-event-unknown = 新しい種類のイベント
devices-event-started = エージェントが起動しました
devices-event-bin-opened = ビン { $bin } が開きました
devices-event-bin-closed = ビン { $bin } が閉まりました
devices-event-key-removed = ビン { $bin } から鍵が取り出されました
devices-event-key-inserted = ビン { $bin } に鍵が戻されました
devices-event-key-unknown = ビン { $bin } に登録のないものが入れられました
devices-event-bin-forced = ビン { $bin } がこじ開けられました
devices-event-bin-left-open = ビン { $bin } が開いたままです
devices-event-bin-jammed = ビン { $bin } が開きませんでした
devices-event-door-opened = 本体の扉が開きました
devices-event-door-closed = 本体の扉が閉まりました
devices-event-tamper-on = こじ開け検知が作動しました
devices-event-tamper-off = こじ開け検知が解除されました
devices-event-power-lost = 商用電源が切れました
devices-event-power-restored = 商用電源が戻りました
devices-event-battery-low = バッテリー残量が { $percent }% です
devices-event-clock-stepped = 時計が大きく変わりました
devices-event-pictures-lost = 送信前に失われた写真があります（{ $count } 枚）
devices-event-update-downloading = 更新をダウンロードしています
devices-event-update-verified = バージョン { $version } をダウンロードし、署名を確認しました
devices-event-update-installed = バージョン { $version } をインストールしました。次回の起動から使用します
devices-event-update-booted = バージョン { $version } が起動し、自己診断を行っています
devices-event-update-good = バージョン { $version } は自己診断に合格し、正式に採用されました
devices-event-update-reverted = バージョン { $version } に問題があったため、以前のバージョンに戻しました
devices-event-update-refused = 機器が更新を拒否しました
devices-event-code-refused = 誤ったコードが続けて入力されました
devices-command-release-bin = ビンを開ける
devices-command-light-bin = ビンのランプを点ける
devices-command-unlock-master = 本体の扉を開ける
devices-command-disable-bin = ビンを使用停止にする
devices-command-enable-bin = ビンを使えるようにする
devices-command-reboot = 再起動
devices-command-renew-certificate = 証明書の更新
devices-command-update = 更新のインストール
devices-command-unknown = その他
devices-command-created = 送信待ち
devices-command-sent = 送信済み
devices-command-accepted = 実行中
devices-command-succeeded = 完了
devices-command-failed = 失敗
devices-command-rejected = 機器が拒否
devices-command-expired = 期限切れ
devices-command-lost = 結果不明
devices-error-name-missing = 名前を入力してください。
devices-error-name-long = 名前は 80 文字以内にしてください。
devices-error-csr = 証明書の要求を読み取れません。エージェントを最新版にして、もう一度お試しください。
devices-error-revoked = この機器は失効しています。
devices-error-claim = 登録コードが正しくないか、期限が切れています。管理者に新しいコードの発行を依頼してください。
devices-error-too-late = 指示の有効期限が過ぎています。
devices-error-many = 試行が多すぎます。1 分ほど待ってから、もう一度お試しください。
devices-updates = ソフトウェア更新
devices-updates-none = 公開されている更新はありません
devices-updates-none-text = 「sekisho update」コマンドで署名済みのイメージを公開すると、ここから段階的に配信できます。
devices-updates-root = ルート文書
devices-updates-root-until = ルート文書の有効期限
devices-updates-targets = ターゲット文書
devices-updates-current-until = 最新であることの署名の有効期限
devices-updates-key = このサーバーの公開鍵
devices-updates-hardware = ハードウェア
devices-updates-version = バージョン
devices-updates-whole = 準備完了
devices-updates-missing = 一部が未アップロード
devices-updates-images = 公開中のイメージ
devices-updates-signed = 署名
devices-updates-steps = 更新の流れ
devices-publish = 公開
devices-publish-do = 送信して公開
devices-publish-documents = 署名済みの文書
devices-publish-documents-hint = targets.json と、サーバーにまだないルート文書（2.root.json など）を選択します。1ファイル 1 MB まで。
devices-publish-images = イメージ
devices-publish-images-hint = 「images」フォルダーのファイルを、名前を変えずに選択します。1ファイル 256 MB、合計 512 MB まで。
devices-publish-steps = 1. 先に文書を確認します。必要な人数の署名があり、公開中のものより古くないことが条件です。2. イメージは、署名された内容と完全に一致している必要があります。3. 配信を開始するまで、機器は更新されません。
devices-publish-missing = 未送信のイメージ
devices-publish-first = 最初のルート文書がまだ登録されていません
devices-publish-first-text = 最初のルート文書によって署名者が決まるため、登録はサーバー上で行います。サーバーで「sekisho update publish」を実行してください。以降の公開は、この画面から行えます。
devices-publish-outcome = ファイルごとの結果
devices-publish-file = ファイル
devices-publish-rest = 残りの送信内容
devices-publish-taken = 公開しました
devices-publish-known = 登録済み
devices-publish-refused = 未登録
devices-publish-all = 送信したファイルをすべて公開しました。
devices-publish-some = 一部のファイルを登録できませんでした。理由を確認し、該当のファイルを送信し直してください。
devices-publish-none = ファイルを登録できませんでした。下の理由を確認してください。
devices-publish-nothing = ファイルを1つ以上選択してください。
devices-publish-unknown = この名前のイメージは公開されていません。名前を変えずに、イメージが記載された文書と一緒に送信してください。
devices-publish-other = 署名されたファイルと内容が異なります。署名者から受け取った「images」フォルダーのファイルを送信してください。
devices-publish-large = 文書は 1 MB までです。
devices-publish-twice = 一度に公開できるターゲット文書は1つだけです。
devices-publish-no-targets = ターゲット文書（targets.json）も一緒に送信してください。
devices-publish-many = 一度に送信できるのは100ファイルまでです。残りは分けて送信してください。
devices-publish-broken = 送信が途中で途切れたか、合計が 512 MB を超えています。もう一度送信してください。完了したファイルは登録済みです。
devices-rollout-new = 配信を作成
devices-rollout-start = 配信を開始
devices-rollout-begun = 配信を開始しました。
devices-rollout-image = イメージ
devices-rollout-progress = 進捗
devices-rollout-started = 開始日時
devices-rollout-ended = 終了日時
devices-rollout-all = すべての状態
devices-rollout-none = 該当する配信はありません
devices-rollout-none-text = 検索条件や状態を変えるか、新しい配信を開始してください。
devices-rollout-every-site = すべての拠点
devices-rollout-names = 機器名に含まれる文字
devices-rollout-names-hint = 空欄の場合は、対応するハードウェアのすべての機器が対象です。
devices-rollout-stages = 段階
devices-rollout-stages-hint = 各段階で更新を終える機器の数を、台数または割合で指定します（例: 1, 10%, 100%）
devices-rollout-success = 次の段階に進むために必要な成功率（%）
devices-rollout-errors = 配信を停止する失敗率（%）
devices-rollout-hours = 機器ごとの制限時間（時間）
devices-rollout-steps = 1. 無作為に選ばれた少数の機器から更新します。2. 十分な数の機器が成功すると、次の段階に進みます。3. 失敗した機器や応答のない機器が設定した割合を超えると、配信は自動的に停止します。
devices-rollout-stage = 第 { $number } 段階
devices-rollout-stage-column = 段階
devices-rollout-stage-text = { $all } 台中 { $good } 台が成功、{ $failed } 台が失敗
devices-rollout-why = 理由
devices-rollout-since = 更新日時
devices-rollout-running = 配信中
devices-rollout-is-paused = 一時停止中
devices-rollout-is-stopped = 停止済み
devices-rollout-halted = 自動停止
devices-rollout-finished = 完了
devices-rollout-halted-text = 失敗した機器が多いため、配信を自動的に停止しました。失敗した機器は以前のバージョンで動作しています。再度配信する前に、下の理由を確認してください。
devices-rollout-pause = 一時停止
devices-rollout-resume = 再開
devices-rollout-stop = 配信を停止
devices-rollout-stop-question = 更新を終えた機器は新しいバージョンのままとなり、更新中の機器は更新を取りやめます。停止した配信は再開できません。
devices-rollout-paused = 配信を一時停止しました。
devices-rollout-resumed = 配信を再開しました。
devices-rollout-stopped = 配信を停止しました。
devices-progress-waiting = 順番待ち
devices-progress-offered = 更新を指示済み
devices-progress-downloading = ダウンロード中
devices-progress-verified = ダウンロード・検証済み
devices-progress-installed = 再起動中
devices-progress-booted = 自己診断中
devices-progress-failed = 失敗
devices-progress-refused = 機器が拒否
devices-progress-reverted = 以前のバージョンに復帰
devices-progress-good = 成功
devices-rollout-error-stages = 段階は「1, 10%, 100%」のように、台数または割合で入力してください。
devices-rollout-error-percent = 100 以下の割合を入力してください。
devices-rollout-error-hours = 1 から 720 までの時間を入力してください。
devices-rollout-error-image = 公開中のイメージを選択してください。
devices-rollout-error-nobody = このバージョンへの更新が必要な機器はありません。
devices-update-error-no-root = 信頼するルート文書がまだありません。先にサーバー上で「sekisho update publish」を実行してください。
devices-update-error-root-given = ルート文書はすでに登録されています。以降のルート文書には、登録済みの署名者の署名が必要です。
devices-update-error-signature = 必要な人数の署名がありません。
devices-update-error-older = すでに公開されているものより古い文書です。
devices-update-error-expired = 文書の有効期限が切れています。署名し直してください。
devices-update-error-other-server = ルート文書に別のサーバーの鍵が記載されています。
devices-update-error-unreadable = 文書を読み取れません。
devices-update-error-not-whole = イメージの一部が不足しているか、署名された内容と一致しません。もう一度アップロードしてください。
devices-update-error-meanwhile = 同時に別の公開が行われました。内容を確認して、もう一度お試しください。
devices-update-error-another = このハードウェアへの別の配信が進行中です。完了させるか停止してから開始してください。
devices-update-error-not-now = 現在の状態では、この操作を行えません。
devices-why = { $why ->
    [no_root] ルート文書が登録されていません
    [signature] 必要な人数の署名がありません
    [rollback] 以前より古い文書が届きました
    [mixed] 文書の組み合わせが一致しません
    [expired] 文書の有効期限が切れています
    [withdrawn] 途中で配信が停止されました
    [replaced] 別の配信に置き換えられました
    [hardware] 別のハードウェア用のイメージです
    [agent_too_old] 現在のプログラムが古く、インストールできません
    [security_version] より新しいセキュリティバージョンが動作済みです
    [hash] 署名されたイメージと内容が異なります
    [did_not_start] 新しいプログラムが起動しませんでした
    [hung] 新しいプログラムが応答しなくなりました
    [self_test_bins] 新しいプログラムが扉のセンサーを読み取れませんでした
    [self_test_connection] 新しいプログラムがサーバーに接続できませんでした
    [self_test_clock] 新しいプログラムが時刻を取得できませんでした
    [self_test_setup] 新しいプログラムに設定がありませんでした
    [did_not_come_back] 再起動後に接続がありません
    [no_answer] 制限時間内に応答がありません
    [order_expired] 更新の指示が時間内に届きませんでした
    [revoked] 接続が停止されています
    [none] 不明
   *[other] { $why }
}
devices-halted-subject = { $image } の配信が自動停止しました
devices-halted-body =
    これまでに更新を指示した { $reached } 台のうち { $failed } 台をバージョン { $version } に更新できず、設定した割合を超えたため、配信を停止しました。
    最も多い理由：{ devices-why }
    該当の機器は以前のバージョンのまま動作しています。ほかの機器への更新の指示は行いません。理由を確認のうえ、今後の対応を決めてください。
devices-halted-short = { $image } の配信が自動停止しました（{ $reached } 台中 { $failed } 台が失敗）。{ devices-why }
devices-halted-link = 配信の状況を見る
devices-kind-updates = 更新の配信が自動停止したとき
