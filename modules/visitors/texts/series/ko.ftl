visitors-weekday-mo = 월요일
visitors-weekday-tu = 화요일
visitors-weekday-we = 수요일
visitors-weekday-th = 목요일
visitors-weekday-fr = 금요일
visitors-weekday-sa = 토요일
visitors-weekday-su = 일요일
visitors-repeat-daily = 매일
visitors-repeat-daily-each = { $count }일마다
visitors-repeat-workdays = 평일(월요일~금요일)
visitors-repeat-weekly = 매주 { $days }
visitors-repeat-weekly-each = { $count }주마다 { $days }
visitors-repeat-monthly = 매월 { $days }
visitors-repeat-monthly-each = { $count }개월마다 { $days }
visitors-repeat-date = { $day }일
visitors-repeat-last-day = 말일
visitors-repeat-nth-1 = 첫 번째 { $day }
visitors-repeat-nth-2 = 두 번째 { $day }
visitors-repeat-nth-3 = 세 번째 { $day }
visitors-repeat-nth-4 = 네 번째 { $day }
visitors-repeat-nth-5 = 다섯 번째 { $day }
visitors-repeat-nth-last = 마지막 { $day }
visitors-repeat-these-days = 지정된 날짜
visitors-repeat-hours = { $from }~{ $to }
visitors-repeat-from = { $from }부터
visitors-repeat-listed = { $how }, 총 { $count }회
visitors-repeat-but = ({ $days } 제외)
visitors-repeat-but-some = (일부 날짜 제외)
visitors-repeat-see-file = (날짜는 첨부된 캘린더를 확인해 주십시오)
visitors-repeat-words = { $how }, 총 { $count }회, { $last }까지
visitors-page-series = 앞으로의 방문
visitors-page-series-text = QR 코드와 번호는 방문할 때마다 다릅니다. 해당 날짜의 페이지에 표시되며, 하루 전에 메일로도 보내 드립니다.
visitors-page-cancel-all = 앞으로의 모든 방문 취소
visitors-page-cancel-all-question = 앞으로의 방문을 모두 취소하고 담당자에게 알립니다.
visitors-mail-series-invited-subject = [{ $tenant }] { $starts }부터의 방문 안내
visitors-mail-series-invited-body =
    { $name } 님

    방문을 기다리고 있겠습니다.

    일정: { $series }
    장소: { $site } { $place }
    { $address }
    담당자: { $host }

    첫 방문: { $starts }
    안내 데스크에서 이 메일의 QR 코드를 보여 주시거나 다음 번호를 입력해 주십시오.

    { $code }

    QR 코드와 번호는 방문할 때마다 다릅니다. 다음 방문부터는 하루 전에 메일로 보내 드리며, 아래 페이지에서도 확인하실 수 있습니다. 첨부된 캘린더에 모든 일정이 들어 있습니다.{ $registration ->
        [asked] {"\u000A\u000A"}방문하시기 전에 방문자 페이지에서 사전 등록을 해 주십시오.
       *[other] {""}
    }
visitors-mail-series-changed-subject = [{ $tenant }] { $starts }부터의 방문 변경
visitors-mail-series-changed-body =
    { $name } 님

    방문 일정이 다음과 같이 변경되었습니다.

    일정: { $series }
    장소: { $site } { $place }
    { $address }
    담당자: { $host }

    해당 날짜의 기존 QR 코드와 번호는 더 이상 사용하실 수 없습니다. 다음 방문({ $starts })의 번호입니다.

    { $code }

    그 이후의 번호는 하루 전에 메일로 보내 드리며, 아래 페이지에서도 확인하실 수 있습니다. 첨부된 캘린더에 변경된 일정이 들어 있습니다.{ $registration ->
        [asked] {"\u000A\u000A"}방문하시기 전에 방문자 페이지에서 사전 등록을 해 주십시오.
       *[other] {""}
    }
visitors-mail-series-cancelled-subject = [{ $tenant }] { $starts }부터의 방문 취소
visitors-mail-series-cancelled-body =
    { $name } 님

    { $site } 방문이 다음과 같이 취소되었습니다. 오실 필요가 없습니다.

    { $series }
    (첫 날짜: { $starts })

    문의 사항은 담당자 { $host }에게 연락해 주십시오.
