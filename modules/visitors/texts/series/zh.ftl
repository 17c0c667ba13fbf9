visitors-weekday-mo = 周一
visitors-weekday-tu = 周二
visitors-weekday-we = 周三
visitors-weekday-th = 周四
visitors-weekday-fr = 周五
visitors-weekday-sa = 周六
visitors-weekday-su = 周日
visitors-repeat-daily = 每天
visitors-repeat-daily-each = 每{ $count }天
visitors-repeat-workdays = 周一至周五
visitors-repeat-weekly = 每{ $days }
visitors-repeat-weekly-each = 每{ $count }周的{ $days }
visitors-repeat-monthly = 每月{ $days }
visitors-repeat-monthly-each = 每{ $count }个月的{ $days }
visitors-repeat-date = { $day }日
visitors-repeat-last-day = 最后一天
visitors-repeat-nth-1 = 第一个{ $day }
visitors-repeat-nth-2 = 第二个{ $day }
visitors-repeat-nth-3 = 第三个{ $day }
visitors-repeat-nth-4 = 第四个{ $day }
visitors-repeat-nth-5 = 第五个{ $day }
visitors-repeat-nth-last = 最后一个{ $day }
visitors-repeat-these-days = 指定日期
visitors-repeat-hours = { $from }～{ $to }
visitors-repeat-from = { $from }起
visitors-repeat-listed = { $how }，共{ $count }次
visitors-repeat-but = （{ $days }除外）
visitors-repeat-but-some = （部分日期除外）
visitors-repeat-see-file = （具体日期请查看附件日历）
visitors-repeat-words = { $how }，共{ $count }次，至{ $last }
visitors-page-series = 后续来访
visitors-page-series-text = 每次的二维码和号码各不相同，显示在当日的页面上，并于前一天通过邮件发送。
visitors-page-cancel-all = 取消后续全部来访
visitors-page-cancel-all-question = 将取消您后续的全部来访并通知接待人。
visitors-mail-series-invited-subject = 【{ $tenant }】自{ $starts }起的来访指引
visitors-mail-series-invited-body =
    { $name } 您好：

    期待您的来访。

    日程：{ $series }
    地点：{ $site } { $place }
    { $address }
    接待人：{ $host }

    首次来访：{ $starts }
    请在前台出示本邮件中的二维码，或输入以下号码：

    { $code }

    每次的二维码和号码各不相同。以后各次将于前一天通过邮件发送，也可在下方的页面查看。附件日历包含全部日程。{ $registration ->
        [asked] {"\u000A\u000A"}来访前，请在来访页面完成事前登记。
       *[other] {""}
    }
visitors-mail-series-changed-subject = 【{ $tenant }】自{ $starts }起的来访变更
visitors-mail-series-changed-body =
    { $name } 您好：

    您的来访安排已变更如下。

    日程：{ $series }
    地点：{ $site } { $place }
    { $address }
    接待人：{ $host }

    此前就这些日期发送的二维码和号码已失效。下次来访（{ $starts }）的号码为：

    { $code }

    以后各次将于前一天通过邮件发送，也可在下方的页面查看。附件日历包含变更后的日程。{ $registration ->
        [asked] {"\u000A\u000A"}来访前，请在来访页面完成事前登记。
       *[other] {""}
    }
visitors-mail-series-cancelled-subject = 【{ $tenant }】自{ $starts }起的来访取消
visitors-mail-series-cancelled-body =
    { $name } 您好：

    以下在 { $site } 的来访已取消，您无需前来。

    { $series }
    （第一次：{ $starts }）

    如有疑问，请联系 { $host }。
