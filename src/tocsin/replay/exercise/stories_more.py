"""The stories of the exercise in Arabic, Chinese and Spanish, and those that arrive after the launch."""

from tocsin.replay.exercise.stories import Story

OTHER_LANGUAGES: tuple[Story, ...] = (
    Story(
        "exam-ar",
        "sawt.sarvania.example",
        -8.9 * 24,
        "هيئة الاتصالات في سارفانيا تهدد بقطع الإنترنت عبر الهاتف المحمول",
        """قالت هيئة الاتصالات في سارفانيا إنها قد تأمر بقطع الإنترنت عبر الهاتف المحمول في البلاد كلها \
أثناء أيام الامتحان.
وطلبت الهيئة من الشركات أن تكون مستعدة لتنفيذ القطع خلال نصف ساعة. وقالت عيادات في شمال البلاد إن القطع يعطل عملها.
""",
        "ar",
    ),
    Story(
        "arrest-ar",
        "sawt.sarvania.example",
        -3.9 * 24,
        "اعتقال متطوعة تكتب في الموسوعة الحرة في شمال سارفانيا",
        """قال أقارب أمينة مكتبة من بلدة تارن فيل في سارفانيا إن الشرطة اعتقلتها قبل الفجر وأخذت حاسوبها ودفاترها.
وقالت محاميتها إنها لم تتمكن من زيارتها بعد. ولم توجه إليها أي تهمة حتى الآن.
""",
        "ar",
    ),
    Story(
        "wiki-zh",
        "ribao.sarvania.example",
        -5.5 * 24,
        "萨瓦尼亚两家网络运营商屏蔽自由百科全书",
        """萨瓦尼亚的读者说，从星期四起，他们无法打开萨瓦尼亚语的自由百科全书。
三家网络运营商中有两家受到影响，第三家仍然正常。通信办公室否认下达过屏蔽命令。
测量显示，一家运营商篡改了域名解析，另一家重置了加密连接。
""",
        "zh",
    ),
    Story(
        "arrest-zh",
        "ribao.sarvania.example",
        -3.4 * 24,
        "塔恩谷一名维基百科编辑被警方拘留",
        """家属说，北部小镇塔恩谷的一名图书管理员在凌晨被警方带走，她的电脑和笔记本也被拿走。
律师等了九个小时，没有获准会见。警方没有提出任何指控。
""",
        "zh",
    ),
    Story(
        "exam-es",
        "faro.sarvania.example",
        -8.5 * 24,
        "Sarvania amenaza con cortar el internet móvil durante los exámenes",
        """La Oficina de Comunicaciones de Sarvania advirtió que puede ordenar el corte del internet móvil en todo el \
país durante los cuatro días del examen estatal.
Las clínicas de Tarn Vale piden ambulancias por datos móviles. Los operadores no han dicho qué harán.
""",
        "es",
    ),
    Story(
        "wiki-es",
        "faro.sarvania.example",
        -5.2 * 24,
        "la enciclopedia libre, bloqueada en dos de las tres redes de Sarvania",
        """Desde el jueves los clientes de Sarvatel y Dawnlink no pueden abrir la enciclopedia libre en sarvanio. En \
Kestrel Mobile funciona. La Oficina de Comunicaciones niega que exista una orden de bloqueo.
""",
        "es",
    ),
)

# Hours after the launch; a minute apart at first, so that someone who watches sees them come in.
LIVE: tuple[Story, ...] = (
    Story(
        "live-exam-letter",
        "courier.sarvania.example",
        1 / 60,
        "Operators in Sarvania receive letter on mobile data cut, two employees say",
        """Two employees of different operators told the Courier that the direction to suspend mobile data in \
Sarvania has arrived. It names Monday, 06:00, they said.
""",
    ),
    Story(
        "live-networks-speed",
        "networks.example",
        2 / 60,
        "First slow-downs on Kestrel Mobile in Sarvania",
        """Mobile connections on Kestrel Mobile in Sarvania have become slower in the past half hour. One network \
and half an hour are too little to call it throttling. We keep measuring.
""",
    ),
    Story(
        "live-arrest-wire",
        "wire.sarvania.example",
        3 / 60,
        "Appeal of detained Wikipedia volunteer set for Friday",
        """A court in Lume will hear the appeal of the librarian Mirel Tavosh on Friday, the lawyer said. The family \
was allowed to hand over medicine.
""",
    ),
    Story(
        "live-state",
        "today.sarvania.example",
        4 / 60,
        "Examination is ready, says the ministry of schools",
        """All four hundred halls are ready for the state examination, the ministry of schools of Sarvania told \
Sarvania Today. Reports about the internet are exaggerated, it said.
""",
    ),
    Story(
        "live-arrest-gazette",
        "gazette.sarvania.example",
        5 / 60,
        "Appeal of detained Wikipedia volunteer set for Friday",
        """LUME (Sarvania Wire) – A court in Lume will hear the appeal of the librarian Mirel Tavosh on Friday, the \
lawyer said. The family was allowed to hand over medicine.
""",
    ),
    Story(
        "live-ostrell",
        "monitor.ostrell.example",
        6 / 60,
        "Second cable spliced, Ostrell Net closes the incident",
        """The second of the cables that the storm broke is repaired, Ostrell Net said. The company will publish a \
report on why both took the same trench.
""",
    ),
    Story(
        "live-es",
        "faro.sarvania.example",
        7 / 60,
        "el tribunal de Lume verá el viernes el recurso de la voluntaria detenida",
        """El tribunal de Lume examinará el viernes el recurso de la bibliotecaria detenida en el norte de Sarvania, \
según su abogada.
""",
        "es",
    ),
    Story(
        "live-ar",
        "sawt.sarvania.example",
        8 / 60,
        "شركات الهاتف في سارفانيا تتسلم أمرا بقطع الإنترنت يوم الاثنين",
        """قال موظفان في شركتين مختلفتين إن أمر قطع الإنترنت عبر الهاتف \
المحمول في سارفانيا وصل إليهما، وإنه يبدأ صباح يوم الاثنين.
""",
        "ar",
    ),
    Story(
        "live-zh",
        "ribao.sarvania.example",
        9 / 60,
        "萨瓦尼亚电信公司收到下周一切断移动数据的命令",
        """两名电信公司员工说，切断移动数据的命令已经送到，从下周一早上六点开始执行。
""",
        "zh",
    ),
    Story(
        "live-office",
        "office.sarvania.example",
        10 / 60,
        "Notice 17: direction on mobile data published",
        """The Sarvanian Communications Office directs all operators to suspend mobile data from 06:00 to 14:00 on \
each day of the state examination. The direction is in force from Monday.
""",
    ),
)

# What every paper prints on any other day, so that none falls silent: by language, a title and a text.
DAILY: dict[str, tuple[str, str]] = {
    "en": (
        "Harbour and weather: day {number}",
        "Dry in Lume and Port Keld, light wind from the west. The ferries run on time.",
    ),
    "es": (
        "Puerto y tiempo: día {number}",
        "Seco en Lume y Port Keld, viento flojo del oeste. Los transbordadores salen a su hora.",
    ),
    "ar": ("الميناء والطقس: اليوم {number}", "الطقس جاف في لوم وبورت كيلد والرياح خفيفة. العبارات في موعدها."),
    "zh": ("港口与天气：第{number}天", "卢姆和凯尔德港晴，西风微弱。渡轮准点。"),
}
