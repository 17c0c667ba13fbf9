//! Signs that stand for one another in names. A family's register may have one and everybody's keyboard the other.
//!
//! Each line is a sign followed by those that are read as it. Most pairs are the forms that the Jōyō Kanji Table (Cabinet
//! Notification No. 2 of 2010) prints in parentheses, or that the second table of annex 2 of the Ordinance for Enforcement of
//! the Family Register Act (kanji for given names) lists as the old form of another. The rest are the popular forms of family
//! registers that everybody takes for the same name: 髙 﨑 嵜 邉 濵 嶌 冨 𠮷 栁 桒 圡 舘 靏 靍 冲 峯 斉 渕 桧 薮 篭 芦 涛 祷 枡.
//! Compatibility ideographs are not in here: NFKC folds them.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The sign that stands for all of its group.
pub(crate) fn plain(sign: char) -> char {
    static PLAIN: LazyLock<HashMap<char, char>> = LazyLock::new(|| groups().collect());
    PLAIN.get(&sign).copied().unwrap_or(sign)
}

fn groups() -> impl Iterator<Item = (char, char)> {
    GROUPS.split_whitespace().flat_map(|group| {
        let mut signs = group.chars();
        let first = signs.next().unwrap_or_default();
        signs.map(move |sign| (sign, first))
    })
}

const GROUPS: &str = "
    高髙 崎﨑嵜 辺邊邉 斎齋斉齊 浜濱濵 沢澤 桜櫻 広廣 国國 富冨 島嶋嶌 吉𠮷 竜龍 滝瀧 瀬瀨 恵惠 真眞 徳德 増增 関關
    黒黑 横橫 柳栁 館舘 条條 栄榮 円圓 豊豐 来來 万萬 岳嶽 会會 蘆芦 檜桧 鉄鐵 実實 寿壽 静靜 彦彥 曽曾 峰峯 穂穗
    児兒 沖冲 渋澁 塩鹽 亀龜 藪薮 籠篭 宝寶寳 当當 学學斈 桑桒 土圡 渓溪 楽樂 気氣 亜亞 為爲 尭堯 礼禮 祢禰 恒恆
    晃晄 遥遙 瑶瑤 聡聰 総總 蔵藏 薫薰 緑綠 歩步 頼賴 郎郞 黄黃 巌巖 厳嚴 団團 剣劍劔 顕顯 県縣 権權 済濟 将將
    奨獎 荘莊 鶴靏靍 弥彌 与與 誉譽 隣鄰 淵渕渊 濤涛 禱祷 槙槇 労勞 鷗鴎 桝枡 兎兔 満滿 双雙 仏佛 伝傳 転轉 読讀
    続續 発發 変變 区區 駆驅 欧歐 経經 芸藝 応應 帯帶 台臺 体體 点點 灯燈 尽盡 数數 声聲 昼晝 医醫 温溫 参參
    証證 乗乘 焼燒 砕碎 蛍螢 懐懷 壊壞 覚覺 巻卷 陥陷 勧勸 観觀 帰歸 偽僞 戯戲 拠據 挙擧 暁曉 勲勳
";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{groups, plain};

    #[test]
    fn no_sign_stands_in_two_groups() {
        let mut known = HashSet::new();
        let mut firsts = HashSet::new();
        for (sign, first) in groups() {
            assert!(known.insert(sign), "{sign} twice");
            firsts.insert(first);
        }
        assert!(known.len() > 150, "{}", known.len());
        let both: Vec<_> = known.intersection(&firsts).collect();
        assert!(both.is_empty(), "a sign that is read as another stands for others: {both:?}");
        assert_eq!(
            ("髙﨑邊".chars().map(plain).collect::<String>(), plain('山')),
            ("高崎辺".to_owned(), '山')
        );
    }
}
