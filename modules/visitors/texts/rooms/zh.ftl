# 会议室
visitors-page-way = 如何找到会议室
