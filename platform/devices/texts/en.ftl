# Devices
devices-title = Devices
devices-new = Add a device
devices-add = Add and show the claim code
devices-kind = Kind
devices-kind-smartbox = Key box
devices-kind-door = Door
devices-kind-agent = Agent
devices-site = Site
devices-error-site = Choose the site again.
devices-last-seen = Last heard
devices-power = Power
devices-power-mains = Mains
devices-power-battery = Battery { $percent }%
devices-power-battery-only = Battery
devices-name-hint = A name that tells where it hangs helps to find it when it falls silent.
devices-none = No devices yet
devices-none-text = Add a key box or another device to see how it is here.
devices-none-found = No device matches
devices-none-found-text = Change the search or the state.
devices-saved = Saved.
devices-steps = How it goes
devices-steps-text = 1. Give it a name and add it. 2. Type the claim code, shown only once, on the device, or run the command you are shown. 3. The device receives its certificate and connects.
devices-state-all = All but revoked
devices-state-waiting = Waiting to enrol
devices-state-online = Connected
devices-state-flaky = Unstable connection
devices-state-offline = Not connected
devices-state-revoked = Revoked
devices-condition = Condition
devices-lately = Lately
devices-events = Events
devices-commands = Commands
devices-command = Command
devices-certificate-until = Certificate valid until
devices-agent = Agent
devices-uptime = Running for
devices-uptime-hours = { $hours } h
devices-unsent = Events not yet sent
devices-tamper = Tamper alarm
devices-clock = Clock
devices-clock-good = Set
devices-clock-unset = Waiting for the server's time
devices-bins = Bins
devices-bin = Number
devices-bin-door = Door
devices-bin-content = Content
devices-bin-closed = Closed
devices-bin-open = Open
devices-bin-empty = Empty
devices-bin-something = Occupied
devices-events-none = No events yet
devices-events-none-text = Once the device connects, what happens is listed here.
devices-commands-none = No commands yet
devices-commands-none-text = What the device is told, such as to release a key or to restart, is listed here.
devices-advice-waiting = This device has not enrolled yet. If its claim code has expired, get a new one under Settings.
devices-advice-offline = This device cannot be reached. Check its power and network. Until it is back no key can be taken, but keys can always be returned.
devices-advice-flaky = The connection keeps breaking. Check the cabling or the radio signal.
devices-advice-revoked = This device is revoked. To use it again, add it as a new device.
devices-claim-title = Claim code
devices-claim-code = Code
devices-claim-until = Valid until
devices-claim-server = Server
devices-claim-once = This code is shown only now. It can be used once, within 30 minutes.
devices-claim-command = Enrol by command
devices-claim-command-text = Run this on the device.
devices-claim-qr = Enrol by QR code
devices-claim-qr-text = Hold it before the device's camera to hand over the server and the code.
devices-claim-done = See the device
devices-copy = Copy
devices-claim-again = New claim code
devices-claim-again-text = For a device that was replaced or is set up again. The code before becomes void.
devices-claim-again-question = A new claim code will be made. Once the device enrols again, its present certificate is worth nothing.
devices-restart = Restart
devices-restart-text = Starts the agent again. A connected device hears it at once.
devices-restarting = The device was told to restart.
devices-revoke = Revoke
devices-revoke-text = For devices that are lost, stolen or scrapped. The connection ends at once, and it cannot be undone.
devices-revoke-question = “{ $name }” will be revoked. Its connection ends within a second and it can never connect again.
devices-revoked-done = The device was revoked.
devices-actor-person = Person
devices-actor-guest = Guest
devices-actor-panel = Panel
devices-actor-system = System
devices-event-unknown = An event of a new kind
devices-event-started = The agent started
devices-event-bin-opened = Bin { $bin } opened
devices-event-bin-closed = Bin { $bin } closed
devices-event-key-removed = The key left bin { $bin }
devices-event-key-inserted = A key was put into bin { $bin }
devices-event-key-unknown = Something unknown was put into bin { $bin }
devices-event-bin-forced = Bin { $bin } was forced open
devices-event-bin-left-open = Bin { $bin } stands open
devices-event-bin-jammed = Bin { $bin } did not open
devices-event-door-opened = The main door opened
devices-event-door-closed = The main door closed
devices-event-tamper-on = The tamper alarm went off
devices-event-tamper-off = The tamper alarm is quiet again
devices-event-power-lost = Mains power is gone
devices-event-power-restored = Mains power is back
devices-event-battery-low = The battery is down to { $percent }%
devices-event-clock-stepped = The clock jumped
devices-event-pictures-lost = Pictures lost before they could be sent: { $count }
devices-event-update-downloading = An update is being downloaded
devices-event-update-verified = Version { $version } was downloaded; its signatures are valid
devices-event-update-installed = Version { $version } is installed and starts next
devices-event-update-booted = Version { $version } started and tests itself
devices-event-update-good = Version { $version } passed its tests and stays
devices-event-update-reverted = Version { $version } failed; the box went back to the version before
devices-event-update-refused = The box refused an update
devices-event-code-refused = Wrong codes were typed in a row
devices-command-release-bin = Open a bin
devices-command-light-bin = Light a bin's lamp
devices-command-unlock-master = Open the main door
devices-command-disable-bin = Take a bin out of use
devices-command-enable-bin = Put a bin back into use
devices-command-reboot = Restart
devices-command-renew-certificate = Renew the certificate
devices-command-update = Install an update
devices-command-unknown = Other
devices-command-created = Waiting
devices-command-sent = Sent
devices-command-accepted = Under way
devices-command-succeeded = Done
devices-command-failed = Failed
devices-command-rejected = Refused by the device
devices-command-expired = Too late
devices-command-lost = Outcome unknown
devices-error-name-missing = Enter a name.
devices-error-name-long = Keep the name within 80 characters.
devices-error-csr = The certificate request cannot be read. Update the agent and try again.
devices-error-revoked = This device is revoked.
devices-error-claim = The claim code is wrong or has expired. Ask an administrator for a new one.
devices-error-too-late = The command's time is already over.
devices-error-many = Too many tries. Wait a minute and try again.
devices-updates = Updates
devices-updates-none = Nothing is published yet
devices-updates-none-text = Have an image signed and published with “sekisho update”; then it can be rolled out here, in stages.
devices-updates-root = Root document
devices-updates-root-until = Root document valid until
devices-updates-targets = Targets document
devices-updates-current-until = Signed as current until
devices-updates-key = Public key of this server
devices-updates-hardware = Hardware
devices-updates-version = Version
devices-updates-whole = Complete
devices-updates-missing = Parts are missing
devices-updates-images = Published images
devices-updates-signed = Signatures
devices-updates-steps = How it goes
devices-publish = Publish
devices-publish-do = Send and publish
devices-publish-documents = Signed documents
devices-publish-documents-hint = targets.json, and any root document (2.root.json and so on) the server does not have yet. Up to 1 MB each.
devices-publish-images = Images
devices-publish-images-hint = The files from the folder “images”, with their names unchanged. Up to 256 MB each, 512 MB together.
devices-publish-steps = 1. The documents are judged first: enough of your signers must have signed them, and they must not be older than what is published. 2. Each image must be exactly what was signed. 3. Devices change only when you start a rollout.
devices-publish-missing = Images still to be sent
devices-publish-first = The first root document is not trusted yet
devices-publish-first-text = Whoever brings the first root document decides who may sign, so it is brought at the server itself: run “sekisho update publish” there. Everything after that can be published here.
devices-publish-outcome = What became of the files
devices-publish-file = File
devices-publish-rest = The rest of the upload
devices-publish-taken = Published
devices-publish-known = Already here
devices-publish-refused = Not taken
devices-publish-all = Everything you sent is published.
devices-publish-some = Some files were not taken. See the reasons, then send those files again.
devices-publish-none = Nothing was taken. See the reasons below.
devices-publish-nothing = Choose at least one file.
devices-publish-unknown = No published image has this name. Send it together with the documents that name it, and keep the file’s name.
devices-publish-other = This is not the file that was signed. Send the one from the signers’ folder “images”.
devices-publish-large = A document may have up to 1 MB.
devices-publish-twice = Only one targets document can be published at a time.
devices-publish-no-targets = Send the targets document (targets.json) as well.
devices-publish-many = Up to 100 files can be sent at a time. Send the rest separately.
devices-publish-broken = The upload broke off, or is larger than 512 MB in all. Send it again; what arrived whole is kept.
devices-rollout-new = New rollout
devices-rollout-start = Start the rollout
devices-rollout-begun = The rollout has started.
devices-rollout-image = Image
devices-rollout-progress = Progress
devices-rollout-started = Started
devices-rollout-ended = Ended
devices-rollout-all = All states
devices-rollout-none = No rollout matches
devices-rollout-none-text = Change the search or the state, or start a rollout.
devices-rollout-every-site = Every site
devices-rollout-names = Name contains
devices-rollout-names-hint = Leave it empty for all devices with the right hardware.
devices-rollout-stages = Stages
devices-rollout-stages-hint = How many devices each stage reaches, as a number or in percent: 1, 10%, 100%
devices-rollout-success = Percent that must succeed before the next stage
devices-rollout-errors = Percent of failures that stop the rollout
devices-rollout-hours = Hours a device has
devices-rollout-steps = 1. A few devices, chosen by chance, update first. 2. When enough of them succeed, the next stage follows. 3. When more fail than you allow, or do not come back, the rollout stops by itself.
devices-rollout-stage = Stage { $number }
devices-rollout-stage-column = Stage
devices-rollout-stage-text = { $good } of { $all } succeeded, { $failed } failed
devices-rollout-why = Reason
devices-rollout-since = Since
devices-rollout-running = Under way
devices-rollout-is-paused = Paused
devices-rollout-is-stopped = Stopped
devices-rollout-halted = Stopped by itself
devices-rollout-finished = Finished
devices-rollout-halted-text = Too many devices failed, so the rollout stopped by itself. Devices that failed run their previous version. Look at the reasons below before you try again.
devices-rollout-pause = Pause
devices-rollout-resume = Resume
devices-rollout-stop = Stop the rollout
devices-rollout-stop-question = Devices that have the new version keep it; those on their way give up. A stopped rollout cannot be resumed.
devices-rollout-paused = The rollout is paused.
devices-rollout-resumed = The rollout goes on.
devices-rollout-stopped = The rollout is stopped.
devices-progress-waiting = Waiting for its stage
devices-progress-offered = Told to update
devices-progress-downloading = Downloading
devices-progress-verified = Downloaded and verified
devices-progress-installed = Restarting
devices-progress-booted = Testing itself
devices-progress-failed = Failed
devices-progress-refused = Refused by the device
devices-progress-reverted = Went back to the previous version
devices-progress-good = Succeeded
devices-rollout-error-stages = Write stages as numbers or percentages, such as 1, 10%, 100%.
devices-rollout-error-percent = Enter a percentage up to 100.
devices-rollout-error-hours = Enter between 1 and 720 hours.
devices-rollout-error-image = Choose a published image.
devices-rollout-error-nobody = No device with this hardware needs this version.
devices-update-error-no-root = No root document is trusted yet. Run “sekisho update publish” on the server first.
devices-update-error-root-given = A root document is trusted already. Later ones must be signed by those it names.
devices-update-error-signature = Too few of the people who must sign have signed.
devices-update-error-older = This is older than what is published already.
devices-update-error-expired = A document has expired. Have it signed again.
devices-update-error-other-server = The root document names another server's key.
devices-update-error-unreadable = A document cannot be read.
devices-update-error-not-whole = Parts of the image are missing or are not what was signed. Upload the image again.
devices-update-error-meanwhile = Somebody else published at the same time. Look again and repeat.
devices-update-error-another = Another rollout for this hardware is still open. Finish or stop it first.
devices-update-error-not-now = The rollout is not in a state for that.
devices-why = { $why ->
    [no_root] The box has no root document yet
    [signature] Documents were not signed by enough people
    [rollback] Documents were older than those it knew
    [mixed] Documents did not belong together
    [expired] A document had expired
    [withdrawn] The rollout was stopped on the way
    [replaced] Another rollout took its place
    [hardware] The image is for other hardware
    [agent_too_old] Its program is too old to install the image
    [security_version] A newer security version ran there already
    [hash] What arrived was not the signed image
    [did_not_start] The new program did not start
    [hung] The new program hung
    [self_test_bins] The new program did not sense the bins
    [self_test_connection] The new program did not find the server
    [self_test_clock] The new program was given no time
    [self_test_setup] The new program had no set-up
    [did_not_come_back] It did not come back after its restart
    [no_answer] It did not answer in its time
    [order_expired] The order did not reach it in time
    [revoked] It may no longer connect
    [none] not known
   *[other] { $why }
}
devices-halted-subject = The rollout of { $image } stopped by itself
devices-halted-body =
    { $failed } of the { $reached } devices reached so far could not be updated to version { $version }, which is more than you allow.
    The commonest reason: { devices-why }.
    These devices keep running their previous version, and no other device is told to update. Look at the reasons, then decide how to go on.
devices-halted-short = The rollout of { $image } stopped by itself: { $failed } of { $reached } devices failed. { devices-why }.
devices-halted-link = See the rollout
devices-kind-updates = Rollouts of updates that stop by themselves
