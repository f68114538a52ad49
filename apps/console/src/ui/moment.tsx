import { useFormat } from '../i18n/use-format.js';

/** A point in time: how long ago, with the exact moment behind it; or the moment itself. */
export function Moment({ at, exact = false }: { readonly at: string; readonly exact?: boolean }) {
  const format = useFormat();
  return (
    <time dateTime={at} title={format.moment(at)} style={{ whiteSpace: 'nowrap' }}>
      {exact ? format.moment(at) : format.ago(at)}
    </time>
  );
}
