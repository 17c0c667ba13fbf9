#!/usr/bin/env bash
# Makes the four fonts in this folder anew: Noto Sans Medium from the npm registry, cut down to what names and texts need.
# Wants npm and a python3 with venv. Run by hand when the fonts change; the result is committed.
#   Japanese:  JIS X 0213 (and so JIS X 0208) and every other kanji of the font, Latin, Greek and Cyrillic letters, punctuation, kana, half and full width forms
#   Chinese:   what GB 2312 has beyond that
#   Korean:    every Hangul syllable
#   Latin:     the letters of Europe and Vietnam that the Japanese font lacks, Greek and Cyrillic
# A character has one glyph: kanji that Japanese and Chinese share are drawn the Japanese way.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=0.4.3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q fonttools==4.68.0 brotli==1.2.1
for language in jp sc kr; do
  npm pack --silent "@expo-google-fonts/noto-sans-$language@$version" >/dev/null
  name=NotoSans$(echo $language | tr a-z A-Z)_500Medium.ttf
  tar xzf "expo-google-fonts-noto-sans-$language-$version.tgz" -O "package/500Medium/$name" >"$language.ttf"
  tar xzf "expo-google-fonts-noto-sans-$language-$version.tgz" -O package/LICENSE_FONT >"$here/OFL.txt"
done
npm pack --silent "@expo-google-fonts/noto-sans@0.4.2" >/dev/null
tar xzf expo-google-fonts-noto-sans-0.4.2.tgz -O package/500Medium/NotoSans_500Medium.ttf >latin.ttf
tar xzf expo-google-fonts-noto-sans-0.4.2.tgz -O package/LICENSE_FONT >"$here/OFL-latin.txt"
venv/bin/python - "$here" <<'P'
import sys, brotli
from fontTools import subset
from fontTools.ttLib import TTFont

def plane(codec, prefix=b""):
    found = set()
    for row in range(0xA1, 0xFF):
        for cell in range(0xA1, 0xFF):
            try: text = (prefix + bytes([row, cell])).decode(codec)
            except UnicodeDecodeError: continue
            if len(text) == 1: found.add(ord(text))
    return found

def spans(*pairs): return {point for first, last in pairs for point in range(first, last + 1)}

common = spans((0x20, 0x24F), (0x370, 0x45F), (0x1E00, 0x1EFF), (0x2010, 0x2051), (0x20A0, 0x20BF), (0x2100, 0x21FF), (0x3000, 0x30FF), (0xFF00, 0xFFEF))
# with every kanji of the font: names have some that no standard lists, as 髙 and 𠮷
japanese = plane("euc_jis_2004") | plane("euc_jis_2004", b"\x8f") | common | spans((0x2460, 0x24FF), (0x3200, 0x33FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
wanted = [("jp", japanese), ("sc", plane("gb2312") | common), ("kr", spans((0x3131, 0x318E), (0xAC00, 0xD7A3))), ("latin", common)]
done = set()
for name, points in wanted:
    font = TTFont(f"{name}.ttf")
    take = (points & set(font.getBestCmap())) - done
    done |= take
    options = subset.Options()
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 4, 6, 13, 14]
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "DSIG", "STAT"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=take)
    cutter.subset(font)
    font.recalcTimestamp = False
    font.save(f"{name}.cut")
    data = brotli.compress(open(f"{name}.cut", "rb").read(), quality=11, lgwin=24)
    open(f"{sys.argv[1]}/{name}.ttf.br", "wb").write(data)
    print(name, len(take), "characters,", len(data), "bytes")
P
