export { registryEventMeanings } from './registry-events.js';
export { RegistryError, type RegistryErrorCode } from './registry-error.js';
export { registryRules } from './registry-rules.js';
export { RegistryModule, ScanModule } from './registry.module.js';
export { ScanRequests } from './scan/scan-requests.js';
export { ScanVersion } from './scan/scan-version.js';
export { VersionContents, type Inspection } from './scan/version-contents.js';
export { sealManifest, type ManifestFacts, type SealedManifest } from './versions/manifest.js';
export { VersionStore } from './versions/version-store.js';
