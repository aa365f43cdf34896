namespace Graph.Ptx;

/// <summary>What is wrong with a PTX text, or with what it did when it ran; the message says where.</summary>
public sealed class PtxException : Exception
{
    public PtxException()
    {
    }

    public PtxException(string message)
        : base(message)
    {
    }

    public PtxException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <param name="line">1-based line of the text.</param>
    /// <param name="message">What is wrong.</param>
    public PtxException(int line, string message)
        : base($"line {line}: {message}")
    {
    }
}
