"""What the projects call a page about a user, in their languages, and where else an address leads to a person.

Words for MediaWiki's namespaces 2 and 3, for both genders and in the forms that stand in names of talk pages, and for
its pages of contributions. A wiki answers to the English names in every language, so a word that is missing here hides
only links that were written in that language.
"""

from typing import Final

# Words before the colon. Those of talk pages often have the same word within, so any one word more may stand beside it.
USER: Final = tuple(
    """
    user|usuario|usuaria|utilisateur|utilisatrice|benutzer|benutzerin|участник|участница|участника|участницы|
    пользователь|пользователя|користувач|користувачка|користувача|користувачки|удзельнік|удзельніца|удзельніка|
    удзельніцы|مستخدم|مستخدمة|المستخدم|المستخدمة|کاربر|משתמש|משתמשת|利用者|用户|用戶|使用者|사용자|kullanıcı|
    wikipedysta|wikipedystka|wikipedysty|wikipedystki|użytkownik|użytkowniczka|użytkownika|użytkowniczki|
    gebruiker|användare|användardiskussion|bruker|brukerdiskusjon|bruger|brugerdiskussion|käyttäjä|
    keskustelu käyttäjästä|utente|usuário|usuária|utilizador|utilizadora|usuari|usuària|uživatel|uživatelka|
    uživatele|uživatelky|uživateľ|redaktor|redaktorka|szerkesztő|szerkesztővita|utilizator|utilizatoare|потребител|
    корисник|корисница|корисничка|suradnik|suradnica|korisnik|korisnica|uporabnik|uporabnica|naudotojas|naudotoja|
    dalībnieks|dalībniece|kasutaja|χρήστης|χρήστρια|χρήστη|thành viên|người dùng|pengguna|ผู้ใช้|คุยกับผู้ใช้|
    အသုံးပြုသူ|ব্যবহারকারী|सदस्य|प्रयोगकर्ता|பயனர்|వాడుకరి|ഉപയോക്താവ്|ಸದಸ್ಯ|સભ્ય|ਵਰਤੋਂਕਾਰ|ବ୍ୟବହାରକାରୀ|පරිශීලක|
    সদস্য|صارف|واپرائيندڙ|کارن|bikarhêner|بەکارھێنەر|istifadəçi|ایستیفاده‌چی|მომხმარებელი|մասնակից|қатысушы|
    foydalanuvchi|катышуучу|колдонуучу|корбар|ulanyjy|кулланучы|ҡатнашыусы|хэрэглэгч|អ្នកប្រើប្រាស់|ຜູ້ໃຊ້|
    gumagamit|tagagamit|manggagamit|panganggo|mtumiaji|mpikambana|አባል|ተጠቃሚ|isticmaale|oníṣe|onye ọrụ|mai amfani da|
    ma'aikaci|notandi|úsáideoir|defnyddiwr|lankide|lankidea|erabiltzaile|perdoruesi|përdoruesi|përdoruesja|uzanto|
    vikipediisto|usor|kasichakuña|ruraq|puruhára
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
CONTRIBUTIONS: Final = (
    "contributions", "contribs", "contribuciones", "beiträge", "вклад", "внесок", "مساهمات", "مشارکت‌ها", "תרומות",
    "投稿記録", "用户贡献", "使用者貢獻", "기여", "katkılar", "wkład", "bijdragen", "bidrag", "muokkaukset",
    "contributi", "contribuições", "centralauth", "log/block", "block", "emailuser", "userrights",
    "deletedcontributions", "listfiles",
)  # fmt: skip
# Sites on which the first part of the path, or what follows a word, is a person.
PROFILES: Final = (
    "x.com", "twitter.com", "mobile.twitter.com", "facebook.com", "m.facebook.com", "fb.com", "instagram.com", "t.me",
    "telegram.me", "vk.com", "ok.ru", "github.com", "gitlab.com", "tiktok.com", "linkedin.com", "youtube.com",
    "weibo.com", "reddit.com", "medium.com", "threads.net", "bsky.app", "mastodon.social", "flickr.com", "wa.me",
    "snapchat.com", "pinterest.com", "soundcloud.com", "keybase.io", "livejournal.com", "orcid.org",
)  # fmt: skip
# Before a colon and a handle.
SERVICES: Final = (
    "discord", "telegram", "tg", "whatsapp", "signal", "skype", "wechat", "weixin", "viber", "threema", "wire",
    "matrix", "element", "jabber", "xmpp", "irc", "snapchat", "instagram", "insta", "facebook", "twitter", "tiktok",
    "mastodon", "bluesky", "reddit", "github", "keybase", "vk", "телеграм", "телеграмм", "вк", "дискорд", "скайп",
    "تلغرام", "تلگرام", "واتساب", "واتساپ", "سيغنال", "微信", "微博",
)  # fmt: skip
# Before a name, or after it.
TITLES: Final = (
    "mr", "mrs", "ms", "mx", "dr", "prof", "sir", "dame", "rev", "judge", "herr", "frau", "mme", "mlle", "monsieur",
    "madame", "sr", "sra", "srta", "señor", "señora", "don", "doña", "senhor", "senhora", "signor", "signora",
    "sig", "dott", "pan", "pani", "г-н", "г-жа", "господин", "госпожа", "пан", "пані", "السيد", "السيدة", "الأستاذ",
    "الأستاذة", "الدكتور", "الدكتورة", "آقای", "خانم", "دکتر", "sayın", "श्री", "श्रीमती", "ato", "bwana", "bi",
    "mheshimiwa",
)  # fmt: skip
AFTER: Final = ("さん", "氏", "様", "先生", "女士", "同志", "씨", "님", "bey", "hanım")
