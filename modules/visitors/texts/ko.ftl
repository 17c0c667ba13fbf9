# 방문자가 보는 문구
visitors-check-in-not-now = 이 코드는 지금 사용할 수 없습니다. 안내 데스크에 문의해 주십시오.
visitors-check-in-too-many = 잘못된 번호가 여러 번 입력되었습니다. 몇 분 후 다시 시도하시거나 안내 데스크에 문의해 주십시오.
visitors-refused-over = 방문 시간이 종료되었습니다.
visitors-refused-cancelled = 이 방문은 취소되었습니다.
visitors-refused-here = 이미 접수가 완료되었습니다.
visitors-refused-gone = 이미 퇴장하셨습니다.
visitors-refused-refused = 이번 방문은 허가되지 않았습니다. 안내 데스크에 문의해 주세요.
visitors-page-title = 방문 안내
visitors-page-pass = 접수용 QR 코드
visitors-page-pass-text = 안내 데스크에서 QR 코드를 제시하거나 번호를 입력해 주십시오. 방문 시간에 한 번만 사용할 수 있습니다.
visitors-page-when = 방문 일시와 장소
visitors-page-starts = 시작
visitors-page-ends = 종료
visitors-page-site = 방문 장소
visitors-page-address = 주소
visitors-page-map = 지도 열기
visitors-page-place = 회의실·층
visitors-page-host = 담당자
visitors-page-purpose = 용건
visitors-page-calendar = 캘린더에 추가
visitors-page-changes = 일정이 바뀐 경우
visitors-page-propose = 다른 일시를 원하십니까?
visitors-page-propose-hint = 담당자에게 전달됩니다.
visitors-page-propose-do = 보내기
visitors-page-proposed = 담당자에게 전달했습니다.
visitors-page-cancel = 방문 취소
visitors-page-cancel-question = 방문을 취소하고 담당자에게 알립니다.
visitors-page-cancel-do = 취소하기
visitors-page-cancelled = 이 방문은 취소되었습니다.
visitors-page-arrived = 접수가 완료되었습니다. 담당자가 곧 도착하니 잠시 기다려 주십시오.
visitors-page-admitted = 환영합니다.
visitors-page-left = 방문해 주셔서 감사합니다.
visitors-page-over = 이 방문은 종료되었습니다.
visitors-page-keys = 열쇠 안내
visitors-page-keys-code = 열쇠함 화면에 이 예약 번호를 입력해 주십시오.
visitors-page-keys-open = 열쇠 페이지 열기
visitors-page-keys-out = 열쇠를 갖고 계십니다. 이용 후 열쇠함에 반납해 주십시오.
visitors-page-keys-called-off = 열쇠 예약이 취소되었습니다. 문의 사항은 담당자에게 연락해 주십시오.
visitors-ics-title = { $site } 방문
visitors-mail-open = 방문자 페이지 열기
visitors-mail-invited-subject = [{ $tenant }] { $starts } 방문 안내
visitors-mail-invited-body =
    { $name } 님

    방문을 기다리고 있겠습니다.

    시작: { $starts }
    종료: { $ends }
    장소: { $site } { $place }
    { $address }
    담당자: { $host }

    안내 데스크에서 이 메일의 QR 코드를 제시하거나 다음 번호를 입력해 주십시오.

    { $code }

    오시는 길 확인과 일정 변경은 아래 페이지에서 하실 수 있습니다.{ $registration ->
        [asked] {"\u000A\u000A"}방문하시기 전에 방문자 페이지에서 사전 등록을 해 주십시오.
       *[other] {""}
    }
visitors-mail-changed-subject = [{ $tenant }] 방문 변경: { $starts }
visitors-mail-changed-body =
    { $name } 님

    방문 일정이 변경되었습니다.

    시작: { $starts }
    종료: { $ends }
    장소: { $site } { $place }
    { $address }
    담당자: { $host }

    이전 메일의 QR 코드와 번호는 사용할 수 없습니다. 새 번호는 다음과 같습니다.

    { $code }{ $registration ->
        [asked] {"\u000A\u000A"}방문하시기 전에 방문자 페이지에서 사전 등록을 해 주십시오.
       *[other] {""}
    }
visitors-mail-reminder-subject = [{ $tenant }] 내일 방문 안내
visitors-mail-reminder-body =
    { $name } 님

    내일 뵙겠습니다.

    시작: { $starts }
    장소: { $site } { $place }
    { $address }
    담당자: { $host }

    안내 데스크에서 사용하실 번호입니다.

    { $code }{ $registration ->
        [asked] {"\u000A\u000A"}방문하시기 전에 방문자 페이지에서 사전 등록을 해 주십시오.
       *[other] {""}
    }
visitors-mail-cancelled-subject = [{ $tenant }] 방문 취소: { $starts }
visitors-mail-cancelled-body =
    { $name } 님

    { $starts } { $site } 방문이 취소되었습니다. 오시지 않으셔도 됩니다.

    문의 사항은 담당자 { $host } 님께 연락해 주십시오.
visitors-mail-keys-subject = [{ $tenant }] { $starts } 방문 시 열쇠 안내
visitors-mail-keys-body =
    { $name } 님

    방문에 맞추어 열쇠를 준비해 두었습니다.

    열쇠: { $keys }
    장소: { $places }
    시작: { $starts }
    종료: { $ends }

    열쇠함 화면에 다음 예약 번호를 입력해 주십시오.

    { $code }

    자세한 내용은 아래 방문자 페이지에서 확인하실 수 있습니다.
visitors-mail-keys-off-subject = [{ $tenant }] 열쇠 예약 취소: { $starts }
visitors-mail-keys-off-body =
    { $name } 님

    { $starts } 방문에 맞춘 열쇠({ $keys }) 예약이 취소되었습니다. 예약 번호는 더 이상 사용할 수 없습니다.

    문의 사항은 담당자 { $host } 님께 연락해 주십시오.
