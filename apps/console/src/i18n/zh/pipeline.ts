export const pipeline = {
  title: '流水线',
  hint: '在这张表上依次执行的若干步骤。第一步开始之前，须由另一人对全文逐字签名；每一步的审批与扣费都与单独申请时相同。',
  document: '步骤',
  fault: '还不是有效的流水线。',
  ask: '申请执行这条流水线',
  steps: '“{{name}}”第 {{version}} 版的步骤',
  kinds: { classify: '分类', mask: '脱敏', measure: '测量', synthesize: '合成', train: '训练' },
  states: { open: '未开始', running: '进行中', waiting: '等待签名', done: '完成' },
};
