export const ui = {
  actions: '操作',
  cancel: '取消',
  close: '关闭',
  copied: '已复制',
  copyThis: '复制：{{what}}',
  hiddenByFilter_other: '筛选隐藏了 {{count}} 项',
  loading: '正在加载',
  refused: '请求被拒绝',
  required: '必填',
};

export const shell = {
  product: 'Castellan',
  skip: '跳到正文',
  navigation: '主导航',
  language: '语言：{{current}}',
  appearance: '外观',
  schemes: { light: '浅色', dark: '深色', auto: '跟随系统' },
  rooms: {
    models: '模型',
    deployments: '部署',
    privacy: '隐私',
    keys: '密钥',
    destruction: '销毁',
    audit: '审计日志',
    signingKey: '我的签名密钥',
  },
  notFound: '页面不存在',
  nothingAtAddress: '这个地址下没有内容。',
  toStart: '回到首页',
  fault: '控制台出错了',
  reload: '重新加载',
};
