"""Addresses of this room. Of allauth's pages only those are routed that we use; there is no sign-up and no email."""

from django.urls import path

from tocsin.people.views import joining, mine, record, second_factor, sign_in, team

urlpatterns = [
    path("account/login/", sign_in.login, name="account_login"),
    path("account/login/passkey/", sign_in.passkey_login, name="mfa_login_webauthn"),
    path("account/login/second-factor/", sign_in.second_step, name="mfa_authenticate"),
    path("account/lost/", sign_in.lost, name="people_lost"),
    path("account/logout/", sign_in.logout, name="account_logout"),
    path("account/confirm/", sign_in.confirm_password, name="account_reauthenticate"),
    path("account/confirm/code/", sign_in.confirm_code, name="mfa_reauthenticate"),
    path("account/confirm/passkey/", sign_in.confirm_passkey, name="mfa_reauthenticate_webauthn"),
    path("account/password/", sign_in.change_password, name="account_change_password"),
    path("account/second-factor/", second_factor.index, name="mfa_index"),
    path("account/second-factor/app/", second_factor.activate_app, name="mfa_activate_totp"),
    path("account/second-factor/app/remove/", second_factor.remove_app, name="mfa_deactivate_totp"),
    path("account/second-factor/passkeys/", second_factor.passkeys, name="mfa_list_webauthn"),
    path("account/second-factor/passkeys/new/", second_factor.add_passkey, name="mfa_add_webauthn"),
    path("account/second-factor/passkeys/<int:pk>/", second_factor.rename_passkey, name="mfa_edit_webauthn"),
    path("account/second-factor/passkeys/<int:pk>/remove/", second_factor.remove_passkey, name="mfa_remove_webauthn"),
    path("account/second-factor/codes/", second_factor.show_codes, name="mfa_view_recovery_codes"),
    path("account/second-factor/codes/new/", second_factor.new_codes, name="mfa_generate_recovery_codes"),
    path("account/second-factor/codes/download/", second_factor.download_codes, name="mfa_download_recovery_codes"),
    path("account/sessions/", mine.sessions, name="usersessions_list"),
    path("join/<str:token>/", joining.join, name="people_join"),
    path("reset/<str:token>/", joining.reset, name="people_reset"),
    path("settings/", mine.settings, name="people_settings"),
    path("settings/tokens/new/", mine.new_token, name="people_token_new"),
    path("settings/tokens/<int:pk>/end/", mine.revoke_token, name="people_token_end"),
    path("people/", team.people, name="people_list"),
    path("people/invite/", team.invite, name="people_invite"),
    path("people/invitations/<int:pk>/withdraw/", team.withdraw, name="people_withdraw"),
    path("people/<int:pk>/", team.person, name="people_person"),
    path("people/<int:pk>/deactivate/", team.deactivate, name="people_deactivate"),
    path("people/<int:pk>/reactivate/", team.reactivate, name="people_reactivate"),
    path("people/<int:pk>/end-sessions/", team.end_sessions, name="people_end_sessions"),
    path("people/<int:pk>/tokens/<int:token>/end/", team.end_token, name="people_end_token"),
    path("people/<int:pk>/reset-link/", team.reset_link, name="people_reset_link"),
    path("audit/", record.record, name="people_record"),
]
