/**
 * Names and addresses by words: a surname and one or two characters that are all of the value; a place, a street or
 * village within it, and a number. Neither says that somebody of that name lives, or that there is such a house.
 */

/** The hundred most frequent surnames, in the order of the census report, and the compound ones still met with. */
const surnames =
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙贺陶顾毛郝龚邵万钱严覃武莫孔汤肖闫';
const compoundSurnames = '欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|司徒|端木|夏侯|南宫';

/** All of a value: within a text, any two characters after a frequent one would be a name. */
export const chineseName = new RegExp(
  `^(?:(?:${compoundSurnames})|[${surnames}])\\p{Script=Han}{1,2}$`,
  'gu',
);

export const chineseAddress =
  /\p{Script=Han}{2,10}(?:省|市|自治区|自治州|区|县|旗)[\p{Script=Han}\d]{0,24}?(?:路|街|大道|巷|弄|胡同|镇|乡|村|小区|新村)[\p{Script=Han}\dA-Za-z#-]{0,30}/gu;

/** A street alone is a place; with a number it is somebody's. */
export function isChineseAddress(candidate: string): boolean {
  return /\d+(?:号|弄|栋|幢|座|室|楼|单元|组)/u.test(candidate);
}
