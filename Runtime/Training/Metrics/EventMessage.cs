namespace Graph.Training;

/// <summary>TensorBoard's <c>Event</c> messages, by the field numbers of TensorFlow's event.proto and summary.proto.</summary>
internal static class EventMessage
{
    // Event.
    private const int WallTime = 1;
    private const int Step = 2;
    private const int FileVersion = 3;
    private const int Summary = 5;
    private const int SessionLog = 7;

    // Summary, Summary.Value and SessionLog.
    private const int SummaryValue = 1;
    private const int Tag = 1;
    private const int SimpleValue = 2;
    private const int Status = 1;
    private const int StatusStart = 1;

    /// <summary>The first event of a file.</summary>
    /// <param name="wallTime">Seconds since 1970, UTC.</param>
    public static ProtobufWriter Version(double wallTime)
    {
        ProtobufWriter message = At(wallTime, 0);
        message.String(FileVersion, "brain.Event:2");
        return message;
    }

    /// <summary>From here on, events of <paramref name="step"/> and later steps in earlier files are void.</summary>
    public static ProtobufWriter Restart(double wallTime, long step)
    {
        var session = new ProtobufWriter();
        session.Int64(Status, StatusStart);
        ProtobufWriter message = At(wallTime, step);
        message.Message(SessionLog, session);
        return message;
    }

    public static ProtobufWriter Scalars(double wallTime, long step, ReadOnlySpan<Scalar> values)
    {
        var summary = new ProtobufWriter();
        foreach (Scalar scalar in values)
        {
            var value = new ProtobufWriter();
            value.String(Tag, scalar.Name);
            value.FloatInOneof(SimpleValue, (float)scalar.Value);
            summary.Message(SummaryValue, value);
        }

        ProtobufWriter message = At(wallTime, step);
        message.Message(Summary, summary);
        return message;
    }

    private static ProtobufWriter At(double wallTime, long step)
    {
        var message = new ProtobufWriter();
        message.Double(WallTime, wallTime);
        message.Int64(Step, step);
        return message;
    }
}
