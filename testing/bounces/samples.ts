// Mails as mail servers send them back, by the form of each server. The addresses and the Message-ID are those of a mail of ours.
export type Original = {
  /** Where the report goes: the envelope sender of the mail. */
  returnTo: string;
  messageId: string;
  to: string;
  unsubscribe: string;
};

type Sample = (mail: Original) => string;

const crlf = (text: string): string => text.replace(/\r?\n/g, '\r\n');

const original = ({ returnTo, messageId, to, unsubscribe }: Original): string => `Return-Path: <${returnTo}>
Received: from out.example.org (out.example.org [192.0.2.10])
	by mx.example.net (Postfix) with ESMTPS id 4XyZ
From: Fjällkök <news@example.org>
To: <${to}>
Subject: =?utf-8?q?H=C3=B6st?=
Date: Fri, 27 Nov 2026 08:00:00 +0000
Message-ID: <${messageId}>
List-Unsubscribe: <${unsubscribe}>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

News for you.
`;

/** A report by RFC 3464. `quoted`: whether the mail comes along. */
const report =
  ({
    from,
    subject,
    words,
    status,
    quoted = true,
    fields = '',
    ours = false,
  }: {
    from: string;
    subject: string;
    words: string;
    status: (to: string) => string;
    quoted?: boolean;
    fields?: string;
    /** Delivered to the return address of the mail, which names it. */
    ours?: boolean;
  }): Sample =>
  (mail) =>
    crlf(`Return-Path: <>
${ours ? `Delivered-To: ${mail.returnTo}\n` : ''}From: ${from}
To: ${ours ? mail.returnTo : 'news@example.org'}
Subject: ${subject}
Date: Fri, 27 Nov 2026 08:00:03 +0000
Message-ID: <report.1@mx.example.net>
${fields}MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="B/mx.example.net"

This is a MIME-encapsulated message.

--B/mx.example.net
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

${words}

--B/mx.example.net
Content-Description: Delivery report
Content-Type: message/delivery-status

${status(mail.to)}

--B/mx.example.net
${
  quoted
    ? `Content-Description: Undelivered Message
Content-Type: message/rfc822

${original(mail)}`
    : `Content-Type: text/rfc822-headers

${original(mail).split('\n\n')[0]}
`
}
--B/mx.example.net--
`);

const dsn = (
  to: string,
  action: string,
  status: string,
  diagnostic: string,
  more = '',
) => `Reporting-MTA: dns; mx.example.net
Arrival-Date: Fri, 27 Nov 2026 08:00:01 +0000 (UTC)

Final-Recipient: rfc822; ${to}
Original-Recipient: rfc822;${to}
Action: ${action}
Status: ${status}
${more}${diagnostic === '' ? '' : `Diagnostic-Code: ${diagnostic}`}`;

const postfix = (status: string, diagnostic: string, more: { action?: string; ours?: boolean } = {}): Sample =>
  report({
    from: 'MAILER-DAEMON@mx.example.net (Mail Delivery System)',
    subject: 'Undelivered Mail Returned to Sender',
    words:
      'This is the mail system at host mx.example.net.\n\nI’m sorry to have to inform you that your message could not\nbe delivered to one or more recipients.',
    status: (to) => dsn(to, more.action ?? 'failed', status, diagnostic, 'Remote-MTA: dns; mail.example.com\n'),
    fields: 'Auto-Submitted: auto-replied\n',
    ours: more.ours,
  });

export const SAMPLES = {
  postfixUnknown: postfix(
    '5.1.1',
    'smtp; 550 5.1.1 <nobody@example.com>: Recipient address rejected:\n    User unknown in virtual mailbox table',
    { ours: true },
  ),
  /** Case 116. */
  hostNotFound: postfix(
    '5.4.4',
    'X-Postfix; Host or domain name not found. Name service error for\n    name=exmaple.con type=AAAA: Host not found',
  ),
  full: postfix('5.2.2', 'smtp; 552 5.2.2 The email account that you tried to reach is over quota'),
  expired: postfix('4.4.1', 'X-Postfix; connect to mail.example.com[192.0.2.1]:25: Connection timed out'),
  delayed: postfix('4.4.1', 'X-Postfix; connect to mail.example.com[192.0.2.1]:25: Connection timed out', {
    action: 'delayed',
  }),
  delivered: postfix('2.0.0', 'smtp; 250 2.0.0 Ok: queued', { action: 'delivered' }),
  /** Case 118. */
  spam: postfix('5.7.1', 'smtp; 554 5.7.1 Message rejected as spam by content filter'),
  tooLarge: postfix('5.3.4', 'smtp; 552 5.3.4 Message size exceeds fixed limit'),
  vaguePolicy: postfix('5.0.0', 'smtp; 554 Your IP is listed at zen.spamhaus.org, user unknown'),
  ours: postfix('5.7.26', 'smtp; 550-5.7.26 Your email has been blocked because the sender is unauthenticated.'),
  /** The status says nothing, the words do. */
  vague: postfix('5.0.0', 'smtp; 550 Requested action not taken: mailbox unavailable'),
  exchange: report({
    from: '"Microsoft Outlook" <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.net>',
    subject: 'Undeliverable: Höst',
    words: 'Delivery has failed to these recipients or groups:\n\nThe email address you entered couldn’t be found.',
    status: (to) =>
      dsn(
        to,
        'failed',
        '5.1.10',
        'smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup',
      ),
    quoted: false,
  }),
  noSuchDomain365: report({
    from: 'postmaster@example.onmicrosoft.com',
    subject: 'Undeliverable: Höst',
    words: 'Your message couldn’t be delivered.',
    status: (to) =>
      dsn(
        to,
        'failed',
        '5.4.310',
        'smtp;550 5.4.310 DNS domain exmaple.con does not exist [Message=InfoDomainNonexistent]',
      ),
  }),
  gmail: report({
    from: 'Mail Delivery Subsystem <mailer-daemon@googlemail.com>',
    subject: 'Delivery Status Notification (Failure)',
    words: '** Address not found **\n\nYour message wasn’t delivered because the address couldn’t be found.',
    status: (to) =>
      dsn(
        to,
        'failed',
        '5.1.1',
        "smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try\n 550-5.1.1 double-checking the recipient's email address for typos",
      ),
    fields: 'Auto-Submitted: auto-replied\nX-Failed-Recipients: nobody@gmail.com\n',
  }),
  sendmail: report({
    from: 'Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>',
    subject: 'Returned mail: see transcript for details',
    words:
      '   ----- The following addresses had permanent fatal errors -----\n<nobody@example.com>\n    (reason: 550 5.1.1 User unknown)',
    status: (to) => dsn(to, 'failed', '5.1.1', 'SMTP; 550 5.1.1 <nobody@example.com>... User unknown'),
    fields: 'Auto-Submitted: auto-generated (failure)\n',
  }),
  haraka: report({
    from: 'MAILER-DAEMON <postmaster@mx.example.net>',
    subject: 'failed: "Höst"',
    words: 'Hi. This is the delivery program at mx.example.net.',
    status: (to) => dsn(to, 'failed', '5.4.7', 'smtp; Tried for too long'),
  }),
  ses: report({
    from: 'MAILER-DAEMON@amazonses.com',
    subject: 'Delivery Status Notification (Failure)',
    words: 'An error occurred while trying to deliver the mail to the following recipients:',
    status: (to) => dsn(to, 'failed', '5.1.1', 'smtp; 550 5.1.1 user unknown'),
  }),
  /** One of several to whom a mailbox passes mails on. */
  partly: report({
    from: 'MAILER-DAEMON@mx.example.net',
    subject: 'Undelivered Mail Returned to Sender',
    words: 'Some of it.',
    status: (to) =>
      `${dsn(`old.${to}`, 'failed', '5.1.1', 'smtp; 550 5.1.1 User unknown')}\n\nFinal-Recipient: rfc822; ${to}\nAction: relayed\nStatus: 2.1.9`,
  }),
  exim: (({ returnTo, ...mail }) =>
    crlf(`Return-path: <>
Envelope-to: ${returnTo}
X-Failed-Recipients: ${mail.to}
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mx.example.net>
To: ${returnTo}
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1tABC-0001@mx.example.net>
Date: Fri, 27 Nov 2026 08:00:05 +0000

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ${mail.to}
    host mail.example.com [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<${mail.to}>:
    550 5.1.1 <${mail.to}>: Recipient address rejected

------ This is a copy of the message, including all the headers. ------

${original({ returnTo, ...mail })}`)) satisfies Sample,
  qmail: ((mail) =>
    crlf(`Return-Path: <>
From: MAILER-DAEMON@mx.example.net
To: news@example.org
Subject: failure notice
Date: 27 Nov 2026 08:00:06 -0000

Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<${mail.to}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

${original(mail)}`)) satisfies Sample,
  /** Case 117. */
  outOfOffice: ((mail) =>
    crlf(`Delivered-To: ${mail.returnTo}
From: Anna <${mail.to}>
To: ${mail.returnTo}
Subject: Undeliverable? No: Automatic reply: Höst
Auto-Submitted: auto-replied
In-Reply-To: <${mail.messageId}>
Message-ID: <ooo.1@example.com>
Content-Type: text/plain; charset=utf-8

I am away until 7 December. For urgent matters write to 550 5.1.1 user unknown.
`)) satisfies Sample,
  unmarkedAway: ((mail) =>
    crlf(`From: Anna <${mail.to}>
To: ${mail.returnTo}
Subject: Frånvaro: semester
Content-Type: text/plain; charset=utf-8

Jag är tillbaka den 7 december.
`)) satisfies Sample,
  warningInWords: ((mail) =>
    crlf(`Return-Path: <>
From: Mail Delivery System <Mailer-Daemon@mx.example.net>
To: ${mail.returnTo}
Subject: Warning: message 1tABC delayed 24 hours
Auto-Submitted: auto-replied

This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered after more than 24 hours.
`)) satisfies Sample,
  /** Case 128: every address is taken out. */
  complaint: ((mail) =>
    crlf(`From: <feedback@arf.mail.example.net>
To: abuse@example.org
Subject: FW: Höst
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part1"

--part1
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report for an email message received from IP 192.0.2.10.
--part1
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: MailFeedback/1.0
Version: 1
Original-Mail-From: <redacted>
Original-Rcpt-To: redacted-7c1@example.net
Source-IP: 192.0.2.10

--part1
Content-Type: message/rfc822

From: Fjällkök <news@example.org>
To: <redacted>
Subject: Höst
List-Unsubscribe: <${mail.unsubscribe.slice(0, 40)}
	${mail.unsubscribe.slice(40)}>
Content-Type: text/plain

News for you.
--part1--
`).replace(`${mail.unsubscribe.slice(0, 40)}\r\n\t`, mail.unsubscribe.slice(0, 40))) satisfies Sample,
  notSpam: ((mail) => SAMPLES.complaint(mail).replace('Feedback-Type: abuse', 'Feedback-Type: not-spam')) as Sample,
  letter: ((mail) =>
    crlf(`From: Anna <${mail.to}>
To: ${mail.returnTo}
Subject: Re: Höst
Content-Type: text/plain; charset=utf-8

Do you have it in blue?
`)) satisfies Sample,
};
