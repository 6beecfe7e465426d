// What happened last in each part of the product.
import { ButtonLink } from '@/components/ui/button';
import { DateTime } from '@/components/ui/date-time';
import { Badge } from '@/components/ui/display';
import { number, share } from '@/components/ui/figures';
import type { ListedMessage } from '@/lib/messages/queries';
import { FlowStatus } from '../flows/status';
import { FormStatus } from '../forms/status';
import { statusOf as statusOfImport } from '../imports/status';
import { statusOf as statusOfMessage } from '../messages/status';
import { connectionWords } from '../settings/integrations/words';
import { Line, Lines, Nothing, Part, type Of } from './part';
import { connectionPart, flowPart, formPart, importPart, messagePart } from './parts';

const people = (count: number): string => (count === 1 ? '1 person' : `${number(count)} people`);

export function Imports({ actor, section }: Of) {
  const page = `/${section.slug}/imports`;
  return (
    <Part title="Imports" all={{ label: 'All imports', href: page }} read={importPart(actor, section.id)}>
      {({ latest }) =>
        latest.length === 0 ? (
          <Nothing>
            <p className="mb-3">No file has been imported yet.</p>
            <ButtonLink href={`${page}/new`}>Import a file</ButtonLink>
          </Nothing>
        ) : (
          <Lines>
            {latest.map((file) => (
              <Line
                key={file.id}
                name={file.fileName}
                href={`${page}/${file.id}`}
                status={<Badge tone={statusOfImport(file).tone}>{statusOfImport(file).text}</Badge>}
                more={
                  <>
                    {file.userName !== null && `${file.userName} · `}
                    <DateTime value={file.createdAt} />
                  </>
                }
                value={file.rows > 0 && (file.rows === 1 ? '1 row' : `${number(file.rows)} rows`)}
              />
            ))}
          </Lines>
        )
      }
    </Part>
  );
}

export function Messages({ actor, section }: Of) {
  const page = `/${section.slug}/messages`;
  return (
    <Part title="Messages" all={{ label: 'All messages', href: page }} read={messagePart(actor, section.id)}>
      {({ latest }) =>
        latest.length === 0 ? (
          <Nothing>
            <p className="mb-3">No message has gone out yet.</p>
            <ButtonLink href={`${page}/new`}>Write a message</ButtonLink>
          </Nothing>
        ) : (
          <Lines>
            {latest.map((message) => (
              <Line
                key={message.id}
                name={message.name}
                href={`${page}/${message.id}`}
                status={<Badge tone={statusOfMessage(message).tone}>{statusOfMessage(message).text}</Badge>}
                more={message.send?.startedAt && <DateTime value={message.send.startedAt} />}
                value={<Opened {...message} />}
              />
            ))}
          </Lines>
        )
      }
    </Part>
  );
}

function Opened({ figures, channel }: Pick<ListedMessage, 'figures' | 'channel'>) {
  if (!figures) return null;
  return (
    <>
      {people(figures.sent)}
      {channel === 'email' && figures.sent > 0 && (
        <span className="text-muted block text-[13px]">
          {share(figures.opened, figures.sent)} opened · {share(figures.clicked, figures.sent)} clicked
        </span>
      )}
    </>
  );
}

export function Flows({ actor, section }: Of) {
  const page = `/${section.slug}/flows`;
  return (
    <Part title="Flows" all={{ label: 'All flows', href: page }} read={flowPart(actor, section.id)}>
      {({ latest }) =>
        latest.length === 0 ? (
          <Nothing>
            <p className="mb-3">No flow is live.</p>
            <ButtonLink href={`${page}/new`}>New flow</ButtonLink>
          </Nothing>
        ) : (
          <Lines>
            {latest.map((flow) => (
              <Line
                key={flow.id}
                name={flow.name}
                href={`${page}/${flow.id}`}
                status={<FlowStatus flow={flow} />}
                more={`${people(flow.entered)} have entered it`}
                value={`${number(flow.inside)} in it`}
              />
            ))}
          </Lines>
        )
      }
    </Part>
  );
}

export function Forms({ actor, section }: Of) {
  const page = `/${section.slug}/forms`;
  return (
    <Part title="Forms" all={{ label: 'All forms', href: page }} read={formPart(actor, section.id)}>
      {({ latest }) =>
        latest.length === 0 ? (
          <Nothing>
            <p className="mb-3">No form has been filled in yet.</p>
            <ButtonLink href={`${page}/new`}>New form</ButtonLink>
          </Nothing>
        ) : (
          <Lines>
            {latest.map((form) => (
              <Line
                key={form.id}
                name={form.name}
                href={`${page}/${form.id}`}
                status={<FormStatus form={form} />}
                more={
                  form.lastAt && (
                    <>
                      Last filled in <DateTime value={form.lastAt} />
                    </>
                  )
                }
                value={`${number(form.lastWeek)} this week`}
              />
            ))}
          </Lines>
        )
      }
    </Part>
  );
}

export function Connections({ actor, section }: Of) {
  const page = `/${section.slug}/settings/integrations`;
  return (
    <Part title="Integrations" all={{ label: 'All integrations', href: page }} read={connectionPart(actor, section.id)}>
      {({ latest }) =>
        latest.length === 0 ? (
          <Nothing>
            <p className="mb-3">Lists of a CRM can keep tags up to date.</p>
            <ButtonLink href={page}>Connect a CRM</ButtonLink>
          </Nothing>
        ) : (
          <Lines>
            {latest.map((connection) => {
              const { label, tone } = connectionWords(connection);
              return (
                <Line
                  key={connection.id}
                  name={connection.name}
                  href={`${page}/${connection.id}`}
                  status={<Badge tone={tone}>{label}</Badge>}
                  more={
                    connection.last === null ? (
                      'Not synced yet'
                    ) : (
                      <>
                        Last sync <DateTime value={connection.last.createdAt} />
                      </>
                    )
                  }
                />
              );
            })}
          </Lines>
        )
      }
    </Part>
  );
}
