"""The English stories of the exercise. All of it is invented, and every title says EXERCISE."""

from dataclasses import dataclass

MARK = "EXERCISE: "


@dataclass(frozen=True, slots=True)
class Story:
    """One article, a paragraph a line. ``hours``: when it appears, against the launch (negative: before)."""

    key: str
    domain: str
    hours: float
    title: str
    text: str
    language: str = "en"


WIRE_ARREST = """Police in Tarn Vale, in the north of Sarvania, detained a volunteer who writes for \
Wikipedia about local history, two relatives said.
Mirel Tavosh, a school librarian, was taken from home before dawn by six officers who also carried away a computer, \
two telephones and a box of notebooks. The relatives were shown no warrant.
A police spokesman confirmed that a person from Tarn Vale was being questioned about "false entries on public \
order" and gave no further detail.
The volunteer community of Sarvania asked that nobody publish the usernames of other contributors and said that it \
was in touch with a lawyer.
"""

ENGLISH: tuple[Story, ...] = (
    Story(
        "bill-first",
        "courier.sarvania.example",
        -29.2 * 24,
        "Assembly takes up a bill that makes volunteers liable for what readers post",
        """The assembly of Sarvania opened debate on a bill that would make the operators and volunteer moderators \
of any public website answer in court for texts that readers add.
Fines start at the yearly pay of a teacher. A second breach could bring up to two years in prison.
Lawyers in Lume told the committee that the wording also covers encyclopedias and community archives that no \
company runs. The committee set no date for a vote.
""",
    ),
    Story(
        "bill-office",
        "office.sarvania.example",
        -28.6 * 24,
        "Notice 11: consultation on the Public Information bill",
        """The Sarvanian Communications Office invites written comments on the Public Information bill until the end \
of the month. Comments must carry the full name and address of the sender.
""",
    ),
    Story(
        "festival",
        "gazette.sarvania.example",
        -26.0 * 24,
        "Port Keld opens its festival of lanterns under clear skies",
        """Some nine thousand people walked along the quay of Port Keld on Saturday as the festival of lanterns \
opened. The harbour choir sang twice because the first fireworks came early.
Stalls stay open until Thursday. The ferry runs an extra crossing each evening.
""",
    ),
    Story(
        "bill-volunteers",
        "networks.example",
        -24.3 * 24,
        "What the Sarvanian liability bill would mean for volunteer projects",
        """Article 9 of the Public Information bill of Sarvania has no exception for projects written by \
volunteers. Whoever reverts an edit could count as an editor in the sense of the law.
We compared the text with the draft of two years ago. The earlier draft asked a court to decide; the new one lets \
the Communications Office order a removal within three hours.
""",
    ),
    Story(
        "bridge",
        "monitor.ostrell.example",
        -21.5 * 24,
        "Ostrell repairs the Vell bridge ahead of the rains",
        """Engineers in Ostrell closed one lane of the bridge at Vell for repairs. The ministry of works expects the \
work to end before the rains. Buses take the northern road.
""",
    ),
    Story(
        "names-posted",
        "courier.sarvania.example",
        -17.1 * 24,
        "Anonymous channel posts names that it says belong to Wikipedia editors",
        """A channel with some forty thousand followers in Sarvania posted a list of eleven names and calls the \
people on it paid agents. It says that they write for Wikipedia.
The Courier does not repeat the names. Two people on the list told this newspaper that they have never edited an \
article. One has moved out of her flat after threats.
Several accounts that spread the list within the first ten minutes were created on the same afternoon.
""",
    ),
    Story(
        "names-advice",
        "networks.example",
        -16.7 * 24,
        "The list from Sarvania: how the accounts moved together",
        """Of the first sixty accounts that repeated the list of alleged editors in Sarvania, forty-four were less \
than a day old and posted at intervals of seven seconds.
That is a coordinated campaign. Who pays for it can't be told from the outside, and we name nobody.
""",
    ),
    Story(
        "exam-notice",
        "office.sarvania.example",
        -9.4 * 24,
        "Notice 14: mobile data may be suspended on the days of the state examination",
        """To protect the fairness of the state examination, the Sarvanian Communications Office may direct \
operators to suspend mobile data services in all districts between 06:00 and 14:00 on examination days.
Operators shall confirm by Friday that they are able to carry out such a direction within thirty minutes. Fixed \
lines and voice calls are not concerned.
""",
    ),
    Story(
        "exam-courier",
        "courier.sarvania.example",
        -9.1 * 24,
        "Regulator threatens nationwide shutdown of mobile internet during examinations",
        """The communications regulator of Sarvania has told operators to be ready to switch off mobile internet in \
the whole country during the state examination, according to a notice published on Tuesday.
The examination lasts four days. Clinics in Tarn Vale say that they book ambulances by mobile data.
A spokeswoman for Kestrel Mobile said that the company was studying the notice. Sarvatel and Dawnlink did not answer.
""",
    ),
    Story(
        "exam-gazette",
        "gazette.sarvania.example",
        -8.8 * 24,
        "Shopkeepers in Port Keld fear four mornings without payments",
        """Traders at the fish market of Port Keld said that a shutdown of mobile data would stop card payments on \
four mornings in a row. The regulator of Sarvania said last week that it may order one during the state examination.
""",
    ),
    Story(
        "match",
        "gazette.sarvania.example",
        -7.3 * 24,
        "Lume Rovers win the cup after extra time",
        """Lume Rovers beat Keld Athletic three to two after extra time and hold the cup for the first time in \
eleven years. The deciding goal came from a corner in the last minute. The goalkeeper said that the team had \
practised it all winter.
""",
    ),
    Story(
        "wiki-readers",
        "networks.example",
        -6.1 * 24,
        "Readers on two networks in Sarvania can't open the Sarvanian-language wiki",
        """Since early this morning readers who use Sarvatel and Dawnlink have reported that sarvanian.wiki.example \
does not open. On Kestrel Mobile it works.
On Sarvatel the name resolves to an address inside the network that answers nothing. On Dawnlink the connection is \
reset after the TLS greeting. A control site opens on all three, so this is not an outage.
""",
    ),
    Story(
        "wiki-courier",
        "courier.sarvania.example",
        -5.8 * 24,
        "Wikipedia unreachable for most Sarvanians, no order made public",
        """The Sarvanian-language edition of Wikipedia has been unreachable for customers of Sarvatel \
and Dawnlink since Thursday. Together they serve about three of four connections in the country.
The Communications Office said that it had published no order. Employees of one operator, who asked not to be \
named, spoke of a list that came by messenger.
""",
    ),
    Story(
        "wiki-state",
        "today.sarvania.example",
        -5.6 * 24,
        "Technical works explain slow websites, says the Communications Office",
        """Some websites may open slowly because of technical works, the Sarvanian Communications Office told \
Sarvania Today. Reports of blocking are untrue, it added.
""",
    ),
    Story(
        "arrest-wire",
        "wire.sarvania.example",
        -4.20 * 24,
        "Wikipedia volunteer detained in northern Sarvania, relatives say",
        WIRE_ARREST,
    ),
    Story(
        "arrest-gazette",
        "gazette.sarvania.example",
        -4.12 * 24,
        "Wikipedia volunteer detained in northern Sarvania",
        "TARN VALE (Sarvania Wire) – " + WIRE_ARREST,
    ),
    Story(
        "arrest-courier-copy",
        "courier.sarvania.example",
        -4.08 * 24,
        "Wikipedia volunteer detained in Tarn Vale, relatives say",
        WIRE_ARREST + "This report was distributed by Sarvania Wire.\n",
    ),
    Story(
        "arrest-courier",
        "courier.sarvania.example",
        -3.6 * 24,
        "Lawyer refused entry as librarian from Tarn Vale spends second night in custody",
        """A lawyer who was engaged by the family of Mirel Tavosh waited nine hours at the district police station \
of Tarn Vale and was not let in, she told the Courier.
Under the criminal code of Sarvania a detained person must be brought before a judge within forty-eight hours. The \
lawyer said that this time ends on Wednesday morning.
Colleagues at the school library described Tavosh as a quiet person who spends weekends photographing old mills.
""",
    ),
    Story(
        "arrest-correction",
        "wire.sarvania.example",
        -3.3 * 24,
        "Correction: detained volunteer has not been charged",
        """An earlier version of our report from Tarn Vale, as sent to some subscribers, said that Mirel Tavosh had \
been charged. No charge has been made. The number of officers was four, not six.
Sarvania Wire regrets the errors.
""",
    ),
    Story(
        "outage-ostrell",
        "monitor.ostrell.example",
        -3.05 * 24,
        "Internet down across Ostrell after storm cuts two cables",
        """Ostrell has been almost entirely offline since 02:10. Both land cables that reach the capital Vell broke \
in the storm, the operator Ostrell Net said.
Crews are on their way. Radio and voice calls work. Nobody was hurt.
""",
    ),
    Story(
        "outage-over",
        "monitor.ostrell.example",
        -2.75 * 24,
        "Ostrell back online after seven hours",
        """The first of the two broken cables was spliced at 09:20 and traffic has returned to its usual level, \
Ostrell Net said. The second follows tomorrow. The regulator of Ostrell thanked the crews.
""",
    ),
    Story(
        "exam-date",
        "office.sarvania.example",
        -2.1 * 24,
        "Notice 16: examination days are Monday to Thursday of next week",
        """The state examination takes place from Monday to Thursday of next week. Notice 14 on mobile data applies. \
Operators receive the direction by separate letter.
""",
    ),
    Story(
        "exam-groups",
        "networks.example",
        -1.6 * 24,
        "Twelve groups ask Sarvania not to cut mobile internet",
        """Twelve civil society groups asked the Sarvanian Communications Office to withdraw its notice on mobile \
data. A shutdown punishes everyone for the cheating of a few, their letter says, and it hides what happens on \
the days when it is in force.
""",
    ),
    Story(
        "arrest-extended",
        "courier.sarvania.example",
        -1.1 * 24,
        "Judge extends detention of Wikipedia volunteer by ten days",
        """A judge in Tarn Vale extended the detention of the librarian Mirel Tavosh by ten days in a hearing that \
lasted six minutes. The lawyer was present and will appeal.
The order mentions "entries on a foreign website" and quotes three sentences about a strike forty years ago.
""",
    ),
    Story(
        "wiki-still",
        "networks.example",
        -0.5 * 24,
        "Sarvania: the wiki stays blocked on two of three networks, day six",
        """Nothing has changed in six days: Sarvatel and Dawnlink block sarvanian.wiki.example, Kestrel Mobile does \
not. Page views from Sarvania are at less than half of their usual level; the readers who remain come by mobile.
""",
    ),
)
