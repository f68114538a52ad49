export { accessConfig, type AccessConfig } from './access.config.js';
export { AccessClock, SystemAccessClock } from './access-clock.js';
export { AccessError, type AccessErrorCode } from './access-error.js';
export { accessEventMeanings, personActor } from './access-events.js';
export { AccessModule, type AccessModuleOptions } from './access.module.js';
export { accessRules } from './ability/access-rules.js';
export {
  actorOf,
  isPermitted,
  requireAbility,
  visible,
  type Ability,
  type AccessRules,
  type Can,
} from './ability/ability.js';
export { inScope, type Scope } from './ability/in-scope.js';
export type { Actor, HeldRole, Identity } from './actor.js';
export { Authenticate } from './authentication/authenticate.js';
export { CurrentActor } from './authentication/current-actor.js';
export { sessionCookie } from './authentication/presented-credential.js';
export { signatureOf } from './s3/authenticate-signed.js';
export { KeybrokerS3Secrets, S3Secrets } from './s3/s3-secrets.js';
export type { VerifiedSignature } from './s3/sigv4.js';
export { isWellFormed, newSecret, secretHash, type CredentialKind } from './credentials/secret.js';
export { eraseAccessRows, type ErasedPerson, type EraseRows } from './erasure/erase-rows.js';
export { CarryOutErasures } from './erasure/carry-out-erasures.js';
export { ErasureModule } from './erasure/erasure.module.js';
export { Bootstrap } from './organizations/bootstrap.js';
