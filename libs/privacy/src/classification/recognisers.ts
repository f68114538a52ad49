import { isIP } from 'node:net';
import {
  creditCodeCheckCharacter,
  identityCheckCharacter,
  passesIbanCheck,
  passesLuhn,
} from './checksums.js';
import { isChineseAddress, chineseAddress, chineseName } from './chinese-words.js';
import type { Recogniser } from './recogniser.js';

/** The first two digits of a citizen identity number (GB/T 2260). */
const provinces = new Set(
  '11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83'.split(
    ' ',
  ),
);

/** A date of the calendar between 1900 and 2099, from YYYYMMDD. */
function isDate(digits: string): boolean {
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6, 8)].map(Number);
  if (year === undefined || month === undefined || day === undefined || year < 1900 || year > 2099)
    return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isIdentityCard(candidate: string): boolean {
  const text = candidate.toUpperCase();
  if (!provinces.has(text.slice(0, 2))) return false;
  if (text.length === 15) return isDate(`19${text.slice(6, 12)}`);
  return isDate(text.slice(6, 14)) && identityCheckCharacter(text) === text[17];
}

const provinceCharacters = '京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼';

const withoutSeparators = (candidate: string) => candidate.replaceAll(/[ -]/g, '');

/** Candidates begin and end where letters and digits do. */
const bounded = (pattern: string, flags = 'gu') =>
  new RegExp(`(?<![\\p{L}\\p{N}])(?:${pattern})(?![\\p{L}\\p{N}])`, flags);

export const recognisers: readonly Recogniser[] = [
  {
    kind: 'cn_identity_card',
    pattern: bounded('\\d{17}[\\dXx]|\\d{15}'),
    holds: isIdentityCard,
    specificity: 0.98,
    context: /id.?(card|no|num)|identity|citizen|身份证|证件号/i,
    source: 'GB 11643-1999',
  },
  {
    kind: 'cn_mobile',
    pattern: bounded('(?:(?:\\+|00)?86[ -]?)?1[3-9]\\d[ -]?\\d{4}[ -]?\\d{4}'),
    holds: () => true,
    specificity: 0.7,
    context: /phone|mobile|\btel|cell|手机|电话|联系方式/i,
    source: 'numbering plan of the mainland: 11 digits from 13 to 19',
  },
  {
    kind: 'bank_card',
    pattern: bounded('[3-6]\\d{3}(?:[ -]?\\d{4}){2}[ -]?\\d{1,4}(?:[ -]?\\d{1,3})?'),
    holds: (candidate) => passesLuhn(withoutSeparators(candidate)),
    specificity: 0.8,
    context: /card|account|\bpan\b|银行|卡号|账号|账户/i,
    source: 'ISO/IEC 7812-1',
  },
  {
    kind: 'cn_plate',
    // Ordinary plates have five characters after the city letter, those of new-energy vehicles six.
    pattern: bounded(
      `[${provinceCharacters}][A-HJ-NP-Z][·. ]?(?:[DF][A-HJ-NP-Z0-9]\\d{4}|\\d{5}[DF]|[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳])`,
    ),
    holds: () => true,
    specificity: 0.95,
    context: /plate|licen[cs]e|vehicle|车牌|牌照/i,
    source: 'GA 36-2018',
  },
  {
    kind: 'cn_passport',
    pattern: bounded('[EG]\\d{8}|E[A-HJ-NP-Z]\\d{7}|[DSP]E?\\d{7,8}'),
    holds: () => true,
    specificity: 0.5,
    context: /passport|travel.?doc|护照/i,
    source:
      'ordinary (E, G), diplomatic (D), service (S) and public-affairs (P) series; no check character is printed',
  },
  {
    kind: 'cn_social_credit_code',
    pattern: bounded('[1-9A-HJ-NPQRTUWXY][1-9A-HJ-NPQRTUWXY]\\d{6}[0-9A-HJ-NPQRTUWXY]{10}'),
    holds: (candidate) => creditCodeCheckCharacter(candidate) === candidate[17],
    specificity: 0.95,
    context: /credit.?code|uscc|social.?credit|统一社会信用|信用代码/i,
    source: 'GB 32100-2015',
  },
  {
    kind: 'cn_name',
    pattern: chineseName,
    holds: () => true,
    // Ordinary words begin with surnames too: what the column is called says more than its values.
    specificity: 0.5,
    context:
      /(^|[^a-z])(full.?|person.?|customer.?|contact.?|holder.?)?name$|姓名|名字|联系人|持卡人|收件人|户主/i,
    source: 'surnames of the 2020 census report and compound surnames; one or two characters after them',
  },
  {
    kind: 'cn_address',
    pattern: chineseAddress,
    holds: isChineseAddress,
    specificity: 0.9,
    context: /addr|street|residence|住址|地址|住所|户籍/i,
    source: 'GB/T 2260 levels from province to district, then a street or village and a number',
  },
  {
    kind: 'email',
    pattern:
      /(?<![\p{L}\p{N}._%+-])[a-z0-9._%+-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}(?![\p{L}\p{N}-])/giu,
    holds: (candidate) => !candidate.includes('..') && !candidate.startsWith('.'),
    specificity: 0.98,
    context: /mail|邮箱|邮件/i,
    source: 'RFC 5321, without quoted local parts',
  },
  {
    kind: 'ip_address',
    pattern: /(?<![\p{L}\p{N}.:])[0-9a-f:.]{3,45}(?![\p{L}\p{N}:])/giu,
    holds: (candidate) => isIP(candidate.replace(/\.$/, '')) !== 0,
    specificity: 0.85,
    context: /\bip|ip.?addr|remote|client|地址/i,
    source: 'RFC 791, RFC 4291',
  },
  {
    kind: 'iban',
    pattern: bounded('[A-Z]{2}\\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?)'),
    holds: (candidate) => {
      const iban = withoutSeparators(candidate);
      return iban.length >= 15 && iban.length <= 34 && passesIbanCheck(iban);
    },
    specificity: 0.98,
    context: /iban|account|账号/i,
    source: 'ISO 13616-1',
  },
];
