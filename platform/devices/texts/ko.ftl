# 배포가 자동으로 중지되었을 때의 알림
devices-why = { $why ->
    [no_root] 루트 문서가 등록되어 있지 않음
    [signature] 서명한 사람이 부족함
    [rollback] 이전보다 오래된 문서가 도착함
    [mixed] 문서가 서로 맞지 않음
    [expired] 문서의 유효 기간이 지남
    [withdrawn] 도중에 배포가 중지됨
    [replaced] 다른 배포로 대체됨
    [hardware] 다른 하드웨어용 이미지임
    [agent_too_old] 현재 프로그램이 오래되어 설치할 수 없음
    [security_version] 더 새로운 보안 버전이 이미 실행됨
    [hash] 서명된 이미지와 내용이 다름
    [did_not_start] 새 프로그램이 시작되지 않음
    [hung] 새 프로그램이 응답하지 않음
    [self_test_bins] 새 프로그램이 보관함 센서를 읽지 못함
    [self_test_connection] 새 프로그램이 서버에 연결하지 못함
    [self_test_clock] 새 프로그램이 시각을 받지 못함
    [self_test_setup] 새 프로그램에 설정이 없음
    [did_not_come_back] 재시작 후 다시 연결되지 않음
    [no_answer] 제한 시간 안에 응답이 없음
    [order_expired] 업데이트 지시가 제때 전달되지 않음
    [revoked] 연결이 중지된 기기임
    [none] 알 수 없음
   *[other] { $why }
}
devices-halted-subject = { $image } 배포가 자동으로 중지되었습니다
devices-halted-body =
    지금까지 업데이트를 지시한 { $reached }대 중 { $failed }대가 버전 { $version }(으)로 업데이트되지 못했습니다. 허용한 비율을 넘어 배포를 중지했습니다.
    가장 많은 이유: { devices-why }
    해당 기기는 이전 버전으로 계속 동작하며, 다른 기기에는 업데이트를 지시하지 않습니다. 이유를 확인한 뒤 다음 조치를 정해 주세요.
devices-halted-short = { $image } 배포가 자동으로 중지되었습니다({ $reached }대 중 { $failed }대 실패). { devices-why }
devices-halted-link = 배포 상황 보기
