// The names that tools give to columns that Tagwell knows, in many languages: Excel, Google Contacts, Outlook, HubSpot,
// Mailchimp, Shopify, LinkedIn and Zoom. Compared by letters and digits only.
import type { EnteredKind } from '@/lib/profiles/keys';

/** Longer names cannot match and are skipped. */
const NAME_MAX = 60;

/** A column's name in lower case, without accents, spaces and punctuation; Google's `E-mail 1 - Value` becomes `email`. */
export function columnKey(name: string): string {
  if (name.length > NAME_MAX) return '';
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/1?(?:value)?$/, '');
}

const keys = (...names: string[]) =>
  new Set(names.flatMap((line) => line.split(',')).map((name) => columnKey(name.trim())));

/** Names of columns that are, or may be, a key: any telephone may be a mobile phone. */
export const KEY_NAMES: Record<EnteredKind, { sure: ReadonlySet<string>; perhaps: ReadonlySet<string> }> = {
  email: {
    sure: keys(
      'email, e-mail, email address, e-mail address, mail, mail address, primary email, user email, work email, contact email',
      'e-post, epostadress, e-postadresse, mejl, mejladress, mailadress, mailadresse, e-mailadresse',
      'sähköposti, sähköpostiosoite, e-mail-adresse, e-mailadres, adresse e-mail, adresse mail, courriel, adresse courriel',
      'correo, correo electrónico, dirección de correo electrónico, indirizzo e-mail, posta elettronica, endereço de e-mail',
      'adres e-mail, adres email, poczta, poczta elektroniczna, e-mailová adresa, электронная почта, эл. почта, адрес электронной почты',
      'メール, メールアドレス, eメール, eメールアドレス, 電子メール, 電子メールアドレス, 電子メール アドレス, 邮箱, 电子邮件, 電子郵件, 이메일',
    ),
    perhaps: new Set(),
  },
  mobile: {
    sure: keys(
      'mobile, mobile phone, mobile number, mobile phone number, cell, cell phone, cellphone, cell number, sms, sms phone, sms phone number',
      'mobil, mobilnr, mobilnummer, mobiltelefon, mobiltlf, mobiltelefonnummer, mobiltelefonnr, matkapuhelin, matkapuhelinnumero',
      'handy, handynummer, mobiel, mobiel nummer, mobiele telefoon, portable, téléphone mobile, téléphone portable, mobile',
      'móvil, teléfono móvil, celular, cellulare, telemóvel, telefon komórkowy, komórka, telefon kom., мобильный телефон, мобильный',
      '携帯, 携帯電話, 携帯電話番号, 携帯番号, 手机, 手機, 휴대폰, 휴대전화',
    ),
    perhaps: keys(
      'phone, phone number, telephone, telephone number, default address phone, telefon, telefonnummer, telefonnr, tlf, tel, puhelin, puhelinnumero',
      'telefoon, téléphone, teléfono, telefono, telefone, numer telefonu, nr telefonu, телефон, 電話, 電話番号, 电话, 전화번호',
    ),
  },
  crm_id: {
    sure: keys(
      'crm id, customer id, customer no, customer number, contact id, record id, member id, member number',
      'kundnummer, kundnr, kund id, kund-id, kundenr, kundenummer, kunde id, asiakasnumero, asiakastunnus, kundennummer, kunden-nr',
      'klantnummer, numéro client, número de cliente, numer klienta, nr klienta, id klienta, номер клиента, 顧客番号, 顧客ID, 会員番号, 会員ID',
    ),
    perhaps: new Set(),
  },
};

/** By the code of an attribute that every section has. */
export const ATTRIBUTE_NAMES: Record<string, ReadonlySet<string>> = {
  firstname: keys(
    'first name, given name, fname, forename, förnamn, fornavn, etunimi, vorname, voornaam, prénom, nombre, nome, imię, jméno, имя, 名, 名前(名), 이름',
  ),
  lastname: keys(
    'last name, family name, surname, lname, efternamn, etternavn, efternavn, sukunimi, nachname, familienname, achternaam, nom, nom de famille',
    'apellido, apellidos, cognome, sobrenome, nazwisko, příjmení, фамилия, 姓, 名字, 성',
  ),
  birthdate: keys(
    'birthdate, birthday, date of birth, dob, födelsedag, födelsedatum, fødselsdag, fødselsdato, syntymäaika, syntymäpäivä, geburtstag, geburtsdatum',
    'geboortedatum, verjaardag, date de naissance, anniversaire, fecha de nacimiento, cumpleaños, data di nascita, data de nascimento',
    'data urodzenia, urodziny, datum narození, дата рождения, 生年月日, 誕生日, 出生日期, 생년월일',
  ),
};
