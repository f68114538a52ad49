export const outliers = {
  title: '离群记录',
  hint: '与其他记录都不同的记录：只给出在表中的位置和造成差异的列，从不给出值。只有带来此表的您能打开；每次查找和查看都记入审计日志。',
  clusters: '常见记录的分组数',
  search: '查找',
  open: '在此打开',
  looked:
    '共 {{rows}} 条记录；其中 {{sampled}} 条用于学习何为常见，分为 {{clusters}} 组。得分为到最近一组的距离，以该组自身的中位距离为单位。',
  picture: '{{count}} 条离群记录与常见记录，投影在前两个主成分上',
  first: '第一主成分',
  second: '第二主成分',
  usual: '常见记录（部分）',
  unusual: '离群记录',
  record: '第 {{row}} 条',
  none: '没有突出的记录：每条都在其所属组中位距离的两倍半之内。',
  place: '位置',
  score: '得分',
  columns: '原因列',
};
