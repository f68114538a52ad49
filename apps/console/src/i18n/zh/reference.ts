export const reference = {
  declare: '声明一张留在原处的表',
  declareHint:
    'PostgreSQL 表在原处做贡献约束并求和；存储桶中的对象在每次询问时读入内存。只显示加噪后的和。登录信息会被密封：它必须只能读取该表，不能写入。',
  document: '声明',
  documentFault: '还不是有效的声明：需要 JSON，包含来源、各列及其公开界限，以及预算上限。',
  place: '表所在的位置',
  places: { postgresql: 'PostgreSQL 数据库', s3: 'S3 存储桶' },
  logins: {
    postgresql: { name: '数据库用户', secret: '密码' },
    s3: { name: '访问密钥 ID', secret: '秘密访问密钥' },
  },
  declareAction: '声明并密封登录信息',
  sealed: '现在可以询问“{{name}}”了。',
  source: '表所在的位置',
  hints: {
    postgresql:
      '不会告知任何人其中的行是否变过：那本身就是一个答案。以前问过的问题保持免费，直到数据管理员声明数据已更换。',
    s3: '询问的是密封访问密钥时的那个对象。对象此后若有变化，询问会终止并退款，直到数据管理员重新密封密钥并声明数据已更换。',
  },
  object: '对象',
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
