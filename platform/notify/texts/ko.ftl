# 방문객에게 보이는 문구
notify-act-title = 답변
notify-act-choose = 답변을 선택해 주세요. 버튼을 누르기 전에는 아무 일도 일어나지 않습니다.
notify-act-sure = “{ $choice }”(으)로 답변하려면 버튼을 눌러 주세요. 아직 아무것도 처리되지 않았습니다.
notify-act-others = 다른 답변 선택
notify-act-until = 답변 기한: { $until }
notify-act-done-title = 감사합니다
notify-act-refused-title = 처리하지 못했습니다
notify-act-yours-title = 이미 답변하셨습니다
notify-act-yours = “{ $choice }” 답변이 접수되었습니다({ $at }).
notify-act-quicker-title = 이미 답변이 있습니다
notify-act-quicker = { $who } 님이 먼저 “{ $choice }”(으)로 답변했습니다({ $at }).
notify-act-dealt = { $who } 님이 이미 처리했습니다({ $at }).
notify-act-somebody = 다른 담당자
notify-act-answered = 이미 답변이 있습니다. 이번 조작으로 변경된 내용은 없습니다.
notify-act-over-title = 종료되었습니다
notify-act-over = 더 이상 답변을 받지 않습니다. 이번 조작으로 변경된 내용은 없습니다.
notify-error-choice = 제시된 답변 중에서 선택해 주세요.
