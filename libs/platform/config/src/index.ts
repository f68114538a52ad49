export { ConfigError, type ConfigFault } from './config-error.js';
export { envExample } from './env-example.js';
export { environment } from './environment.config.js';
export { loadConfig, type Environment } from './load-config.js';
export {
  flag,
  setting,
  type ConfigOf,
  type ConfigSlice,
  type Setting,
  type SettingNotes,
} from './setting.js';
