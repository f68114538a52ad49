import fc from 'fast-check';
import {
  creditCodeCheckCharacter,
  identityCheckCharacter,
  passesIbanCheck,
  passesLuhn,
} from './checksums.js';
import { classifyColumn, maskedSample } from './classify-column.js';
import type { PersonalDataKind } from '@castellan/contracts';

const digits = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((all) => all.join(''));

describe('check characters', () => {
  it('are those of the standards’ own examples', () => {
    expect(identityCheckCharacter('11010519491231002')).toBe('X');
    expect(identityCheckCharacter('44052418800101001')).toBe('4');
    expect(creditCodeCheckCharacter('91350100M000100Y4')).toBe('3');
    expect(passesLuhn('4111111111111111')).toBe(true);
    expect(passesIbanCheck('GB82WEST12345698765432')).toBe(true);
    expect(passesIbanCheck('DE89370400440532013000')).toBe(true);
  });

  const changed = (text: string, at: number, by: number) =>
    text.slice(0, at) + ((Number(text[at]) + by) % 10) + text.slice(at + 1);

  it('find every single wrong digit', () => {
    fc.assert(
      fc.property(digits(17), fc.nat(16), fc.integer({ min: 1, max: 9 }), (text, at, by) => {
        expect(identityCheckCharacter(changed(text, at, by))).not.toBe(identityCheckCharacter(text));
        expect(creditCodeCheckCharacter(changed(text, at, by))).not.toBe(creditCodeCheckCharacter(text));
        const luhn = [...'0123456789'].find((check) => passesLuhn(text + check)) ?? '';
        expect(passesLuhn(changed(text, at, by) + luhn)).toBe(false);
      }),
    );
  });
});

const examples: Record<
  Exclude<PersonalDataKind, 'cn_name'>,
  { named: string; yes: string[]; no: string[] }
> = {
  cn_identity_card: {
    named: '身份证号',
    yes: ['11010519491231002X', '11010519491231002x', '110105491231002'],
    no: [
      '110105194912310021',
      '11010519491331002X',
      '99010519491231002X',
      '1101051949123100',
      'A11010519491231002X',
    ],
  },
  cn_mobile: {
    named: 'phone',
    yes: ['13800138000', '+86 138 0013 8000', '0086-19912345678', '１３８００１３８０００'],
    no: ['12800138000', '1380013800', '138001380001', '23800138000'],
  },
  bank_card: {
    named: 'card_number',
    yes: ['4111111111111111', '4111 1111 1111 1111', '6222-0200-0000-0000-000'],
    no: ['4111111111111112', '1111111111111117', '4111 1111'],
  },
  cn_plate: {
    named: '车牌',
    yes: ['京A12345', '粤B·D1234', '沪AD12345', '川A12345F', '苏E1234挂'],
    no: ['A12345', '京I12345', '京A1234', '京A1234567'],
  },
  cn_passport: {
    named: 'passport_no',
    yes: ['E12345678', 'G12345678', 'EA1234567'],
    no: ['X12345678', 'EI1234567', 'E1234567'],
  },
  cn_social_credit_code: {
    named: '统一社会信用代码',
    yes: ['91350100M000100Y43'],
    no: ['91350100M000100Y44', '91350100I000100Y43', '91350100M000100Y4'],
  },
  cn_address: {
    named: '家庭住址',
    yes: ['北京市朝阳区建国路88号', '广东省深圳市南山区科技园路1栋302室', '云南省大理市喜洲镇周城村12组'],
    no: ['北京市朝阳区', '建国路', '南山区科技园路', '第88号文件'],
  },
  email: {
    named: 'e-mail',
    yes: ['ada@example.org', 'a.b+c@mail.example.co.uk'],
    no: ['ada@', '@example.org', 'ada@example', 'a..b@example.org'],
  },
  ip_address: {
    named: 'client_ip',
    yes: ['192.168.0.1', '2001:db8::1', '::ffff:10.0.0.1'],
    no: ['256.1.1.1', '1.2.3', '12:34', 'face', '...'],
  },
  iban: {
    named: 'IBAN',
    yes: ['GB82WEST12345698765432', 'DE89 3704 0044 0532 0130 00'],
    no: ['GB82WEST12345698765433', 'DE8937040044'],
  },
};

function found(kind: string, name: string, sample: readonly string[]) {
  return classifyColumn(name, sample).find((finding) => finding.kind === kind);
}

describe.each(Object.entries(examples))('the recogniser of %s', (kind, { named, yes, no }) => {
  it.each(yes)('knows %s', (text) => {
    expect(found(kind, 'x', [text])).toMatchObject({ whole: 1, within: 0 });
  });

  it.each(no)('does not take %s for one', (text) => {
    expect(found(kind, 'x', [text])).toBeUndefined();
  });

  it('finds one within text, and is surer where the column is called so', () => {
    const [text = ''] = yes;
    expect(found(kind, 'x', [`备注: ${text}, 请核对`])).toMatchObject({ whole: 0, within: 1 });
    const [plain, inContext] = [found(kind, 'x', yes), found(kind, named, yes)];
    expect(inContext?.named).toBe(true);
    expect(inContext?.confidence).toBeGreaterThan(plain?.confidence ?? 1);
  });
});

describe('the recogniser of names', () => {
  const names = ['王小明', '欧阳修', '李娜', '诸葛孔明'];

  it('knows a surname and what follows as all of a value, and is surer where the column is called so', () => {
    const [plain, inContext] = [found('cn_name', 'x', names), found('cn_name', '姓名', names)];
    expect(plain).toMatchObject({ whole: 4, within: 0, confidence: 0.5 });
    expect(inContext?.confidence).toBe(0.75);
    expect(found('cn_name', 'customer_name', names)?.named).toBe(true);
    expect(found('cn_name', 'username_hash', names)?.named).toBe(false);
  });

  it('does not take text for a name because a surname is in it, nor show any of so short a text', () => {
    expect(found('cn_name', '备注', ['客户王小明来电', '明天', '二月', 'Wang Xiaoming'])).toBeUndefined();
    expect(found('cn_name', '姓名', ['王小明'])?.evidence).toEqual(['•••']);
  });
});

describe('the classification of a column', () => {
  const identity = (serial: number) => {
    const number = `110105${1950 + (serial % 50)}0101${String(serial % 1000).padStart(3, '0')}`;
    return number + identityCheckCharacter(number);
  };

  it('is the likeliest kind first, though a tenth of identity numbers pass for cards', () => {
    const sample = Array.from({ length: 200 }, (_, i) => identity(i));
    const [first, second] = classifyColumn('col', sample);
    expect(first).toMatchObject({ kind: 'cn_identity_card', whole: 200, of: 200 });
    expect(first?.confidence).toBeGreaterThan(0.95);
    expect(second?.confidence ?? 0).toBeLessThan(0.3);
  });

  it('counts among the values that are there, and says how few there were', () => {
    const sample = ['', ' ', identity(1), 'none', 'none', 'none'];
    expect(classifyColumn('note', sample)).toMatchObject([{ kind: 'cn_identity_card', whole: 1, of: 4 }]);
  });

  it('finds nothing in wages, years and regions', () => {
    expect(classifyColumn('amount', ['8849.56', '14800.00', '1980', 'north_central', '-1', '1e9'])).toEqual(
      [],
    );
  });

  it('shows no value: evidence is masked', () => {
    const sample = Array.from({ length: 20 }, (_, i) => identity(i));
    const evidence = classifyColumn('id', sample).flatMap((finding) => finding.evidence);
    expect(evidence[0]).toMatch(/^11•{14}..$/);
    for (const shown of evidence) expect(sample).not.toContain(shown);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const hidden = [...maskedSample(text)].filter((character) => character === '•').length;
        expect(hidden).toBeGreaterThanOrEqual(Math.ceil([...text].length / 2));
      }),
    );
  });

  it('takes no longer for hostile text: 4,096 characters are looked at', () => {
    for (const hostile of [
      '1'.repeat(1e6),
      'a@'.repeat(5e5),
      '1 '.repeat(5e5),
      ':.'.repeat(5e5),
      'a.'.repeat(5e5),
    ])
      expect(classifyColumn('x', [hostile])).toEqual([]);
  });
});
