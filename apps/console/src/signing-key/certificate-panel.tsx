import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.js';
import { useTrust } from '../review/trust-queries.js';
import { useRoleName } from '../session/role-name.js';
import { Answer } from '../ui/answer.js';
import { Fact, Facts } from '../ui/facts.js';
import { Panel } from '../ui/panel.js';
import { Pill, type Tone } from '../ui/pill.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import type { CertificateStatus } from './certificate-status.js';
import { useCertificateStatus } from './key-queries.js';

const tones: Readonly<Record<CertificateStatus['standing'], Tone>> = {
  none: 'wait',
  honoured: 'good',
  not_yet: 'wait',
  expired: 'bad',
  revoked: 'bad',
  untrusted: 'bad',
};

/** Whether an officer has certified this key, checked here against the officers' public keys. */
export function CertificatePanel({ keyId }: { readonly keyId: string }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const roleName = useRoleName();
  const trust = useTrust();
  const status = useCertificateStatus(keyId);
  if (trust.isError) return <RefusalNotice error={trust.error} />;
  return (
    <Panel
      title={t('signingKey.certificate')}
      hint={status.data && t(`signingKey.standingHints.${status.data.standing}`)}
      aside={
        status.data && (
          <Pill tone={tones[status.data.standing]}>{t(`signingKey.standings.${status.data.standing}`)}</Pill>
        )
      }
    >
      <Answer to={status}>
        {({ certificate, officer }) =>
          certificate && (
            <Facts>
              <Fact name={t('signingKey.signedBy')}>{officer ?? t('signingKey.noOfficer')}</Fact>
              <Fact name={t('signingKey.roles')}>
                {new Intl.ListFormat(i18n.language).format(certificate.roles.map(roleName))}
              </Fact>
              <Fact name={t('signingKey.projects')}>
                {certificate.projects.includes('*')
                  ? t('signingKey.allProjects')
                  : new Intl.ListFormat(i18n.language).format(certificate.projects)}
              </Fact>
              <Fact name={t('signingKey.inForce')}>
                {t('signingKey.fromTo', {
                  from: format.day(certificate.notBefore),
                  to: format.day(certificate.notAfter),
                })}
              </Fact>
            </Facts>
          )
        }
      </Answer>
    </Panel>
  );
}
