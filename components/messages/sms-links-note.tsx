// What becomes of the web addresses in an SMS, and what counting who presses them costs.
import { Button } from '@/components/ui/button';
import { Banner } from '@/components/ui/display';
import { uncountedAddresses, withLinks } from '@/lib/messages/sms-links';
import type { SmsText } from '@/lib/messages/sms-pieces';
import { partsOfSms, type SmsMeasures } from '@/lib/messages/sms-text';
import { uncountedWords } from './sms-words';

type Props = {
  text: SmsText;
  measures: SmsMeasures;
  /** That it takes with these. */
  parts: number;
  onTrackClicks: (trackClicks: boolean) => void;
};

export function SmsLinks({ text, measures, parts, onTrackClicks }: Props) {
  const { linkLength, settings } = measures;
  const { trackClicks } = settings;
  const uncounted = trackClicks ? uncountedAddresses(text) : [];
  const others = partsOfSms(text, { linkLength, settings: { ...settings, trackClicks: !trackClicks } }).parts;
  const [of, instead] = [inParts(parts), inParts(others)];
  const cost = parts === others ? 'That takes no more parts.' : `That makes ${of} of it instead of ${instead}.`;
  return (
    <>
      {withLinks(text).links.length > 0 && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-[13px]">
          <p className="text-muted min-w-0 flex-1 basis-64">
            {trackClicks
              ? `Links become ${linkLength} characters long so that clicks are counted. ${cost}`
              : `Links go out as they are, and clicks are not counted. ${parts === others ? '' : cost}`.trim()}
          </p>
          <Button size="small" onPress={() => onTrackClicks(!trackClicks)}>
            {trackClicks ? 'Leave links as they are' : 'Count clicks'}
          </Button>
        </div>
      )}
      {uncounted.length > 0 && (
        <Banner tone="warning">
          <bdi className="wrap-anywhere">{uncountedWords(uncounted)}</bdi>
        </Banner>
      )}
    </>
  );
}

const inParts = (parts: number) => (parts === 1 ? 'one part' : `${parts} parts`);
