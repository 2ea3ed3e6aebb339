/**
 * Code pages of DOS, which Windows still packs names in, from 0x80 on; U+FFFD where a byte has no character.
 * Source: https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/PC/, of 720 the table of Python.
 */
const DOS = {
  // The United States
  ibm437:
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
    '└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
  // Arabic
  ibm720:
    '\u0080\u0081éâ\u0084à\u0086çêëèïî\u008d\u008e\u008f\u0090\u0651\u0652ô¤\u0640ûùءآأؤ£إئابةتثجحخدذرزسشص«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
    '└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀ضطظعغفµقكلمنهوىي≡\u064b\u064c\u064d\u064e\u064f\u0650≈°∙·√ⁿ²■\u00a0',
  // Greek
  ibm737:
    'ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψ░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
    '└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀ωάέήϊίόύϋώΆΈΉΊΌΎΏ±≥≤ΪΫ÷≈°∙·√ⁿ²■\u00a0',
  // Baltic
  ibm775:
    'ĆüéāäģåćłēŖŗīŹÄÅÉæÆōöĢ¢ŚśÖÜø£Ø×¤ĀĪóŻżź”¦©®¬½¼Ł«»░▒▓│┤ĄČĘĖ╣║╗╝ĮŠ┐' +
    '└┴┬├─┼ŲŪ╚╔╩╦╠═╬Žąčęėįšųūž┘┌█▄▌▐▀ÓßŌŃõÕµńĶķĻļņĒŅ’\u00ad±“¾¶§÷„°∙·¹³²■\u00a0',
  // Western Europe
  ibm850:
    'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐' +
    '└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0',
  // Central Europe
  ibm852:
    'ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐' +
    '└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u00ad˝˛ˇ˘§÷¸°¨˙űŘř■\u00a0',
  // Cyrillic
  ibm855:
    'ђЂѓЃёЁєЄѕЅіІїЇјЈљЉњЊћЋќЌўЎџЏюЮъЪаАбБцЦдДеЕфФгГ«»░▒▓│┤хХиИ╣║╗╝йЙ┐' +
    '└┴┬├─┼кК╚╔╩╦╠═╬¤лЛмМнНоОп┘┌█▄Пя▀ЯрРсСтТуУжЖвВьЬ№\u00adыЫзЗшШэЭщЩчЧ§■\u00a0',
  // Turkish
  ibm857:
    'ÇüéâäàåçêëèïîıÄÅÉæÆôöòûùİÖÜø£ØŞşáíóúñÑĞğ¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐' +
    '└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ºªÊËÈ\ufffdÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµ\ufffd×ÚÛÙìÿ¯´\u00ad±\ufffd¾¶§÷¸°¨·¹³²■\u00a0',
  // Hebrew
  ibm862:
    'אבגדהוזחטיךכלםמןנסעףפץצקרשת¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
    '└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0',
};

/** Other code pages in which tools write names, by the names that the platform has for them. */
const SINGLE_BYTE = [
  ...['windows-874', 'windows-1250', 'windows-1251', 'windows-1252', 'windows-1253', 'windows-1254'],
  ...['windows-1255', 'windows-1256', 'windows-1257', 'windows-1258', 'ibm866', 'koi8-r', 'koi8-u', 'macintosh'],
  ...['iso-8859-2', 'iso-8859-4', 'iso-8859-5', 'iso-8859-7', 'iso-8859-13', 'iso-8859-15', 'iso-8859-16'],
];
const DOUBLE_BYTE = ['gb18030', 'big5', 'shift_jis', 'euc-kr', 'euc-jp'];

const NO_CHARACTER = '\ufffd';
const ASCII_END = 0x80;

/** The text of bytes in code page 437, which the format means where nothing is said. */
export function decode437(raw: Buffer): string {
  const units = Buffer.alloc(2 * raw.length);
  for (const [at, byte] of raw.entries()) units.writeUInt16LE(unitOf(byte, DOS.ibm437), 2 * at);
  return units.toString('utf16le');
}

/** Whether bytes are a text in one of the code pages that tools write names in. */
export function isInCodePage(raw: Buffer, text: string): boolean {
  // It stands for bytes that are no character, of which there may be many.
  if (text.includes(NO_CHARACTER)) return false;
  const { tables, decoders } = codePages();
  return tables.some((table) => isInTable(raw, text, table)) || decoders.some((page) => page.decode(raw) === text);
}

/** Byte by byte up to the first that differs: there are thirty tables, and may be ten thousand long names. */
function isInTable(raw: Buffer, text: string, table: string): boolean {
  if (raw.length !== text.length) return false;
  return raw.every((byte, at) => unitOf(byte, table) === text.charCodeAt(at));
}

function unitOf(byte: number, table: string): number {
  return byte < ASCII_END ? byte : table.charCodeAt(byte - ASCII_END);
}

let made: ReturnType<typeof makeCodePages> | undefined;

/** Made once, when the first is needed: to make them takes longer than to read most archives. */
function codePages() {
  made ??= makeCodePages();
  return made;
}

function makeCodePages() {
  const upperHalf = Uint8Array.from({ length: 0x100 - ASCII_END }, (_, at) => ASCII_END + at);
  return {
    tables: [...Object.values(DOS), ...SINGLE_BYTE.map((label) => new TextDecoder(label).decode(upperHalf))],
    decoders: DOUBLE_BYTE.map((label) => new TextDecoder(label)),
  };
}
