# 방문객이 보는 글
keys-box = 열쇠함
keys-bin = 칸
keys-directions = 위치 안내
keys-due = 반납 기한
keys-starts = 시작
keys-ends = 종료
keys-booking-code = 예약 번호
keys-take-here = 열쇠함 앞에서 열기
keys-take-question = { $box }의 { $bin }번 칸이 열립니다. 열쇠함 앞에 있을 때만 누르고, 10초 안에 문을 당겨 주세요.
keys-take-do = 열기
keys-take-now = 칸이 열리고 있습니다. 10초 안에 열쇠를 꺼내 주세요.
keys-guest-title = 열쇠 안내
keys-guest-when = 이용 시간
keys-guest-early = 아직 이용 시간이 아닙니다. 시간이 되면 꺼낼 수 있습니다.
keys-guest-over = 이용 시간이 끝났습니다. 열쇠를 갖고 계시면 언제든지 열쇠함에 반납할 수 있습니다.
keys-guest-called-off = 이 예약은 취소되었습니다. 열쇠를 갖고 계시면 언제든지 열쇠함에 반납할 수 있습니다.
keys-guest-code-text = 열쇠함 화면에 이 번호를 입력해 주세요.
keys-guest-yours = 이 열쇠는 지금 갖고 계십니다.
keys-guest-return = 반납은 언제든지 가능합니다. 열쇠함 화면에서 ‘반납’을 누르고, 열린 칸에 열쇠를 넣은 뒤 문을 닫아 주세요.
keys-guest-not-there = 지금은 열쇠가 열쇠함에 없습니다. 예약하신 분께 문의해 주세요.
keys-refused-not-yet = 아직 이용할 수 있는 시간이 아닙니다.
keys-refused-expired = 이용할 수 있는 시간이 끝났습니다.
keys-refused-already-out = 이미 다른 사람이 가져간 열쇠입니다.
keys-refused-being-taken = 지금 다른 사람이 이 열쇠를 꺼내고 있습니다.
keys-refused-not-there = 이 열쇠는 열쇠함에 없습니다.
keys-refused-bin-disabled = 사용이 중지된 칸입니다.
keys-refused-no-device = 이 열쇠함에 연결된 장치가 없습니다.
keys-refused-booked = 지금은 다른 사람이 예약한 열쇠입니다.
keys-refused-not-in-force = 유효하지 않은 예약 또는 번호입니다.
keys-price = 요금
keys-pay-until = 결제 기한
keys-pay-title = 결제
keys-pay = 결제하기
keys-pay-there = 결제 페이지 열기
keys-pay-about = 결제는 결제 서비스의 페이지에서 진행됩니다. 결제가 끝나면 이 페이지에 예약 번호가 표시됩니다.
keys-pay-away = 결제 서비스에 연결할 수 없습니다. 잠시 후 다시 시도해 주세요.
keys-pay-under-way = 결제를 확인하고 있습니다. 입금이 확인되면 이 페이지에 예약 번호가 표시됩니다.
keys-pay-no-account = 지금은 온라인으로 결제할 수 없습니다. 예약하신 분께 문의해 주세요.
keys-notice-open-booking = 내 페이지 열기
keys-notice-booked-guest-subject = 열쇠 안내
keys-notice-booked-guest-body =
    { $starts }부터 { $ends }까지 ‘{ $keys }’을(를) 이용하실 수 있습니다.

    열쇠함 화면에 다음 번호를 입력해 주세요.

    { $code }

    아래 페이지도 이용하실 수 있습니다.
keys-notice-booked-guest-short = 열쇠 안내
keys-notice-pay-subject = { $keys } 결제 안내
keys-notice-pay-body =
    ‘{ $keys }’ 예약을 잡아 두었습니다. 요금은 { $price }입니다.

    { $until }까지 아래 페이지에서 결제해 주세요. 결제가 끝나면 예약 번호를 보내 드립니다. 기한이 지나면 예약은 취소됩니다.
keys-notice-pay-short = { $keys }: { $price } 결제를 부탁드립니다
keys-notice-booking-cancelled-subject = 예약이 취소되었습니다
keys-notice-booking-cancelled-body = { $starts }부터의 ‘{ $keys }’ 예약이 취소되었습니다.
keys-notice-booking-cancelled-short = 예약이 취소되었습니다
keys-notice-booking-unpaid-subject = 결제가 확인되지 않아 예약이 취소되었습니다
keys-notice-booking-unpaid-body = { $starts }부터의 ‘{ $keys }’ 예약은 기한까지 결제가 확인되지 않아 취소되었습니다.
keys-notice-booking-unpaid-short = 결제가 확인되지 않아 예약이 취소되었습니다
keys-notice-paid-back-subject = 결제하신 금액을 환불해 드립니다
keys-notice-paid-back-body = ‘{ $keys }’({ $starts }부터)의 결제를 확인했으나, 해당 예약은 이미 취소 또는 종료되었거나 결제가 끝난 예약이므로 이번 결제 금액을 전액 환불해 드립니다.
keys-notice-paid-back-short = { $keys } 결제 금액을 환불해 드립니다
