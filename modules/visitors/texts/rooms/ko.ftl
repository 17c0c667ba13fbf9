# 회의실
visitors-page-way = 회의실 찾아오시는 길
