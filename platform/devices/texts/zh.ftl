# 发布自动停止时的通知
devices-why = { $why ->
    [no_root] 设备尚无根文档
    [signature] 签名人数不足
    [rollback] 收到的文档比已有的更旧
    [mixed] 文档之间不一致
    [expired] 文档已过期
    [withdrawn] 发布在途中被停止
    [replaced] 已被另一项发布取代
    [hardware] 镜像适用于其他硬件
    [agent_too_old] 当前程序过旧，无法安装
    [security_version] 已运行过更新的安全版本
    [hash] 收到的内容与已签名的镜像不符
    [did_not_start] 新程序未能启动
    [hung] 新程序停止响应
    [self_test_bins] 新程序无法读取格口传感器
    [self_test_connection] 新程序无法连接服务器
    [self_test_clock] 新程序未获得时间
    [self_test_setup] 新程序没有设置
    [did_not_come_back] 重启后未再连接
    [no_answer] 未在时限内应答
    [order_expired] 更新指令未能及时送达
    [revoked] 设备已被停止连接
    [none] 未知
   *[other] { $why }
}
devices-halted-subject = { $image } 的发布已自动停止
devices-halted-body =
    目前已通知的 { $reached } 台设备中，有 { $failed } 台未能更新到版本 { $version }，超过了您允许的比例，因此发布已停止。
    最常见的原因：{ devices-why }。
    这些设备继续运行原来的版本，其他设备不会再收到更新指令。请查看原因后决定如何处理。
devices-halted-short = { $image } 的发布已自动停止（{ $reached } 台中 { $failed } 台失败）。{ devices-why }。
devices-halted-link = 查看发布情况
