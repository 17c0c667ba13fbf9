# 访客会看到的文字
notify-act-title = 您的答复
notify-act-choose = 请选择答复。在您按下按钮之前，不会执行任何操作。
notify-act-sure = 如需答复“{ $choice }”，请按下按钮。目前尚未执行任何操作。
notify-act-others = 选择其他答复
notify-act-until = 答复截止时间为 { $until }。
notify-act-done-title = 谢谢
notify-act-refused-title = 未能执行
notify-act-yours-title = 您已答复
notify-act-yours = 已收到您的答复“{ $choice }”（{ $at }）。
notify-act-quicker-title = 已有人答复
notify-act-quicker = { $who } 已先行答复“{ $choice }”（{ $at }）。
notify-act-dealt = { $who } 已处理此事（{ $at }）。
notify-act-somebody = 其他人员
notify-act-answered = 已有人答复。本次操作未作任何更改。
notify-act-over-title = 已结束
notify-act-over = 已不再接受答复。本次操作未作任何更改。
notify-error-choice = 请从所列答复中选择。
