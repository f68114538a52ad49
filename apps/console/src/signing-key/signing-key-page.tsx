import { Alert, Button, Code, Group, List, Modal, Paper, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { saveFile } from '../api/save-file.js';
import { useSession } from '../session/session-context.js';
import { Answer } from '../ui/answer.js';
import { Digest } from '../ui/digest.js';
import { ExactText } from '../ui/exact-text.js';
import { Fact, Facts } from '../ui/facts.js';
import { Icon } from '../ui/icon.js';
import { Moment } from '../ui/moment.js';
import { NothingHere } from '../ui/nothing-here.js';
import { Page } from '../ui/page.js';
import { Panel } from '../ui/panel.js';
import { RefusalNotice } from '../ui/refusal-notice.js';
import { CertificatePanel } from './certificate-panel.js';
import { useForgetKey, useMakeKey, usePublicKeyPem, useSigningKey } from './key-queries.js';
import { keyRequest, type SigningKey } from './signing-key.js';

/** A reviewer's own key: made here, kept here, certified by an officer elsewhere. */
export function SigningKeyPage() {
  const { t } = useTranslation();
  return (
    <Page title={t('signingKey.title')} subtitle={t('signingKey.subtitle')}>
      {window.isSecureContext ? (
        <KeyParts />
      ) : (
        <Alert color="red" variant="default" icon={<Icon name="warning" />} title={t('signingKey.insecure')}>
          {t('signingKey.insecureHint')}
        </Alert>
      )}
    </Page>
  );
}

function KeyParts() {
  const key = useSigningKey();
  return (
    <Answer to={key}>{(found) => (found === null ? <MakeKey /> : <KnownKey signingKey={found} />)}</Answer>
  );
}

function MakeKey() {
  const { t } = useTranslation();
  const make = useMakeKey();
  return (
    <Paper p="lg">
      {make.error !== null && <RefusalNotice error={make.error} />}
      <NothingHere icon="key" title={t('signingKey.none')}>
        <Stack align="center">
          {t('signingKey.noneHint')}
          <Button leftSection={<Icon name="key" />} loading={make.isPending} onClick={() => make.mutate()}>
            {t('signingKey.make')}
          </Button>
        </Stack>
      </NothingHere>
    </Paper>
  );
}

function KnownKey({ signingKey }: { readonly signingKey: SigningKey }) {
  const { t } = useTranslation();
  const pem = usePublicKeyPem(signingKey);
  return (
    <Stack gap="lg">
      <CertificatePanel keyId={signingKey.keyId} />
      <Panel title={t('signingKey.publicKey')} hint={t('signingKey.publicKeyHint')} aside={<ForgetKey />}>
        <Stack>
          <Facts>
            <Fact name={t('signingKey.keyId')}>
              <Digest value={signingKey.keyId} label={t('signingKey.keyId')} whole />
            </Fact>
            <Fact name={t('signingKey.made')}>
              <Moment at={signingKey.createdAt} exact />
            </Fact>
            <Fact name={t('signingKey.kind')}>{t('signingKey.kindText')}</Fact>
          </Facts>
          <Answer to={pem}>{(text) => <ExactText text={text} label={t('signingKey.publicKey')} />}</Answer>
          {pem.data !== undefined && <HandOver signingKey={signingKey} pem={pem.data} />}
        </Stack>
      </Panel>
    </Stack>
  );
}

function HandOver({ signingKey, pem }: { readonly signingKey: SigningKey; readonly pem: string }) {
  const { t } = useTranslation();
  const { me } = useSession();
  const name = `${me.name}.key-request.json`;
  const save = () =>
    saveFile(name, new Blob([keyRequest(me, signingKey, pem)], { type: 'application/json' }));
  return (
    <div>
      <Text fz="sm" fw={600} mb={4}>
        {t('signingKey.handOver')}
      </Text>
      <List type="ordered" size="sm" spacing={6}>
        <List.Item>
          {t('signingKey.stepSave')}{' '}
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<Icon name="download" size={14} />}
            onClick={save}
          >
            {name}
          </Button>
        </List.Item>
        <List.Item>{t('signingKey.stepTell')}</List.Item>
        <List.Item>
          {t('signingKey.stepCertify')}{' '}
          <Code>{`castellan keys certify ${name} --officer-key officer.pem`}</Code>
        </List.Item>
      </List>
    </div>
  );
}

function ForgetKey() {
  const { t } = useTranslation();
  const forget = useForgetKey();
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="subtle" color="red" c="var(--mantine-color-error)" size="compact-sm" onClick={open}>
        {t('signingKey.forget')}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={t('signingKey.forget')}
        closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        <Text>{t('signingKey.forgetHint')}</Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close} data-autofocus>
            {t('ui.cancel')}
          </Button>
          <Button color="red.8" onClick={() => forget.mutate(undefined, { onSettled: close })}>
            {t('signingKey.forget')}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
