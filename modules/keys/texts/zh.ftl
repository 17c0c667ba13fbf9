# 访客看到的文字
keys-box = 钥匙柜
keys-bin = 格口
keys-directions = 位置说明
keys-due = 归还期限
keys-starts = 开始
keys-ends = 结束
keys-booking-code = 预约码
keys-take-here = 我在柜前，打开格口
keys-take-question = 将打开{ $box }的 { $bin } 号格口。请站在柜前时再按，并在 10 秒内拉开门。
keys-take-do = 打开
keys-take-now = 格口正在打开，请在 10 秒内取出钥匙。
keys-guest-title = 您的钥匙
keys-guest-when = 使用时间
keys-guest-early = 尚未到使用时间，到时即可取出。
keys-guest-over = 使用时间已结束。如钥匙仍在您手中，可随时放回钥匙柜。
keys-guest-called-off = 此预约已取消。如钥匙仍在您手中，可随时放回钥匙柜。
keys-guest-code-text = 请在钥匙柜的屏幕上输入此预约码。
keys-guest-yours = 钥匙在您手中。
keys-guest-return = 可随时归还：在钥匙柜的屏幕上按“归还”，将钥匙放入打开的格口并关好门。
keys-guest-not-there = 钥匙目前不在柜中，请咨询为您预约的人。
keys-refused-not-yet = 尚未到可使用的时间。
keys-refused-expired = 可使用的时间已结束。
keys-refused-already-out = 这把钥匙已被取走。
keys-refused-being-taken = 有人正在取这把钥匙。
keys-refused-not-there = 这把钥匙不在钥匙柜中。
keys-refused-bin-disabled = 此格口已停用。
keys-refused-no-device = 此钥匙柜未连接设备。
keys-refused-booked = 现在已有他人预约这把钥匙。
keys-refused-not-in-force = 此预约或号码无效。
keys-price = 费用
keys-pay-until = 付款期限
keys-pay-title = 付款
keys-pay = 去付款
keys-pay-there = 打开付款页面
keys-pay-about = 请在支付服务商的页面付款。付款完成后，本页将显示预约码。
keys-pay-away = 无法连接支付服务商，请稍后再试。
keys-pay-under-way = 您的付款正在处理，到账后本页将显示预约码。
keys-pay-no-account = 目前无法在线付款，请咨询为您预约的人。
keys-notice-open-booking = 打开您的页面
keys-notice-booked-guest-subject = 您的钥匙
keys-notice-booked-guest-body =
    您可以在 { $starts } 至 { $ends } 取用“{ $keys }”。

    请在钥匙柜的屏幕上输入以下号码：

    { $code }

    也可以使用下面的页面。
keys-notice-booked-guest-short = 您的钥匙
keys-notice-pay-subject = 请为 { $keys } 付款
keys-notice-pay-body =
    已为您保留“{ $keys }”，费用为 { $price }。

    请在 { $until } 前通过下面的页面付款。付款完成后将发送预约码；逾期未付，预约将被取消。
keys-notice-pay-short = { $keys }：请支付 { $price }
keys-notice-booking-cancelled-subject = 您的预约已取消
keys-notice-booking-cancelled-body = 您从 { $starts } 起对“{ $keys }”的预约已取消。
keys-notice-booking-cancelled-short = 您的预约已取消
keys-notice-booking-unpaid-subject = 未收到付款，预约已取消
keys-notice-booking-unpaid-body = 您从 { $starts } 起对“{ $keys }”的预约因未按时付款，已被取消。
keys-notice-booking-unpaid-short = 未收到付款，预约已取消
keys-notice-paid-back-subject = 将退还您的付款
keys-notice-paid-back-body = 已收到您为“{ $keys }”（{ $starts } 起）支付的款项，但该预约已取消、已结束或此前已付清，因此这笔款项将全额退还。
keys-notice-paid-back-short = 将退还您为 { $keys } 支付的款项
