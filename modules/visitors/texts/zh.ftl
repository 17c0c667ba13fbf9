# 来访者看到的文字
visitors-check-in-not-now = 此二维码目前无法使用，请咨询前台。
visitors-check-in-too-many = 号码多次有误，请稍候几分钟再试，或咨询前台。
visitors-refused-over = 来访时间已结束。
visitors-refused-cancelled = 此次来访已取消。
visitors-refused-here = 您已完成前台登记。
visitors-refused-gone = 您已离馆。
visitors-refused-refused = 此次来访未获许可，请咨询前台。
visitors-page-title = 来访指引
visitors-page-pass = 前台登记二维码
visitors-page-pass-text = 请在前台出示二维码或输入号码。仅可在来访时间内使用一次。
visitors-page-when = 来访时间与地点
visitors-page-starts = 开始
visitors-page-ends = 结束
visitors-page-site = 访问地点
visitors-page-address = 地址
visitors-page-map = 打开地图
visitors-page-place = 会议室／楼层
visitors-page-host = 接待人
visitors-page-purpose = 来访事由
visitors-page-calendar = 添加到日历
visitors-page-changes = 如需变更
visitors-page-propose = 希望改为其他时间？
visitors-page-propose-hint = 内容将发送给接待人。
visitors-page-propose-do = 发送
visitors-page-proposed = 已发送给接待人。
visitors-page-cancel = 取消来访
visitors-page-cancel-question = 将取消您的来访并通知接待人。
visitors-page-cancel-do = 确认取消
visitors-page-cancelled = 此次来访已取消。
visitors-page-arrived = 登记完成，接待人即将前来，请稍候。
visitors-page-admitted = 欢迎光临。
visitors-page-left = 感谢您的来访。
visitors-page-over = 此次来访已结束。
visitors-page-keys = 您的钥匙
visitors-page-keys-code = 请在钥匙柜的屏幕上输入此预约码。
visitors-page-keys-open = 打开钥匙页面
visitors-page-keys-out = 钥匙在您手中。用完后请放回钥匙柜。
visitors-page-keys-called-off = 钥匙预约已取消。如有疑问，请联系接待人。
visitors-ics-title = 访问{ $site }
visitors-mail-open = 打开来访页面
visitors-mail-invited-subject = 【{ $tenant }】{ $starts } 来访指引
visitors-mail-invited-body =
    { $name } 您好：

    期待您的来访。

    开始：{ $starts }
    结束：{ $ends }
    地点：{ $site } { $place }
    { $address }
    接待人：{ $host }

    请在前台出示本邮件中的二维码，或输入以下号码：

    { $code }

    路线及变更事宜，请使用下方的页面。{ $registration ->
        [asked] {"\u000A\u000A"}来访前，请在来访页面完成事前登记。
       *[other] {""}
    }
visitors-mail-changed-subject = 【{ $tenant }】来访变更：{ $starts }
visitors-mail-changed-body =
    { $name } 您好：

    您的来访安排已变更。

    开始：{ $starts }
    结束：{ $ends }
    地点：{ $site } { $place }
    { $address }
    接待人：{ $host }

    之前邮件中的二维码和号码已失效。新的号码为：

    { $code }{ $registration ->
        [asked] {"\u000A\u000A"}来访前，请在来访页面完成事前登记。
       *[other] {""}
    }
visitors-mail-reminder-subject = 【{ $tenant }】明天的来访
visitors-mail-reminder-body =
    { $name } 您好：

    期待您明天的来访。

    开始：{ $starts }
    地点：{ $site } { $place }
    { $address }
    接待人：{ $host }

    前台登记号码：

    { $code }{ $registration ->
        [asked] {"\u000A\u000A"}来访前，请在来访页面完成事前登记。
       *[other] {""}
    }
visitors-mail-cancelled-subject = 【{ $tenant }】来访取消：{ $starts }
visitors-mail-cancelled-body =
    { $name } 您好：

    原定于 { $starts } 在 { $site } 的来访已取消，您无需前来。

    如有疑问，请联系 { $host }。
visitors-mail-keys-subject = 【{ $tenant }】{ $starts } 来访时的钥匙
visitors-mail-keys-body =
    { $name } 您好：

    已为您的来访预约钥匙。

    钥匙：{ $keys }
    地点：{ $places }
    开始：{ $starts }
    结束：{ $ends }

    请在钥匙柜的屏幕上输入以下预约码：

    { $code }

    详情请见下方的来访页面。
visitors-mail-keys-off-subject = 【{ $tenant }】钥匙预约取消：{ $starts }
visitors-mail-keys-off-body =
    { $name } 您好：

    为您 { $starts } 的来访预约的钥匙（{ $keys }）已取消，预约码已失效。

    如有疑问，请联系 { $host }。
