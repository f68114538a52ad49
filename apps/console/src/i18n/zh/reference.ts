export const reference = {
  declare: '声明一张 PostgreSQL 表',
  declareHint:
    '表留在原处，在那里做贡献约束并求和，只显示加噪后的和。登录信息会被密封：它必须只能读取该表，不能写入。',
  document: '声明',
  documentFault: '还不是有效的声明：需要 JSON，包含来源、各列及其公开界限，以及预算上限。',
  user: '数据库用户',
  password: '密码',
  declareAction: '声明并密封登录信息',
  sealed: '现在可以询问“{{name}}”了。',
  source: '表所在的位置',
  sourceHint:
    '不会告知任何人其中的行是否变过：那本身就是一个答案。以前问过的问题保持免费，直到数据管理员声明数据已更换。',
  table: '表',
  server: '服务器',
  tls: '连接',
  tlsModes: { verify: '加密，并核验证书', off: '未加密' },
  timeout: '单个问题最长用时',
  version: '数据版本',
  renew: '数据已更换',
  renewHint: '此后的问题会重新回答，并从同一预算中扣除。',
  replaceLogin: '更换登录信息',
};
