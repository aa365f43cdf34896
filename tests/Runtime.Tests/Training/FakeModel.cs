using Graph.Execution;

namespace Graph.Runtime.Tests.Training;

/// <summary>A model whose step is whatever the test says: arrays instead of arenas.</summary>
internal sealed class FakeModel : RecursiveModel
{
    private readonly float[] _weights;
    private readonly float[] _gradients;
    private readonly float[] _floats;
    private readonly float[] _inputGradients;
    private readonly int[] _ints;
    private readonly List<Parameter> _parameters = [];
    private readonly Dictionary<string, Port> _ports = [];
    private readonly List<StatePort> _states = [];

    public FakeModel(int batch, int cells, int vocabulary, int puzzleWidth, params (string Name, int[] Shape)[] parameters)
        : base("Fake", "Tiny", batch)
    {
        long weights = 0;
        foreach ((string name, int[] shape) in parameters)
        {
            _parameters.Add(new Parameter(name, shape, weights, Init.TruncatedNormal, shape[^1]));
            weights += _parameters[^1].Count;
        }

        long floats = 0, ints = 0;
        Add("tokens", ref ints, true, batch, cells);
        Add("labels", ref ints, true, batch, cells);
        if (puzzleWidth > 0)
        {
            Add("puzzle", ref floats, false, batch, puzzleWidth);
        }

        Add("logits", ref floats, false, batch, cells, vocabulary);
        Add("halt", ref floats, false, batch, 1, 2);
        Add("loss", ref floats, false, batch);
        Add("loss.exact", ref floats, false, batch);
        Add("loss.accuracy", ref floats, false, batch);
        Add("haltLoss", ref floats, false, batch);
        foreach (string name in (string[])["H", "L"])
        {
            var port = new Port("z" + name, floats, [batch, cells, 2], false);
            _states.Add(new StatePort(port, $"inner.{name}_init", new float[2]));
            floats += port.Count;
        }

        _weights = new float[weights];
        _gradients = new float[weights];
        _floats = new float[floats];
        _inputGradients = new float[floats];
        _ints = new int[ints];
    }

    /// <summary>Runs in every step, with the gradient flag and loss scale.</summary>
    public Action<FakeModel, bool, float> OnStep { get; set; } = static (_, _, _) => { };

    public int Repacked { get; private set; }

    public override Device Device { get; } = Device.Cpu();

    public override IReadOnlyList<Parameter> Parameters => _parameters;

    public override IReadOnlyDictionary<string, Port> Ports => _ports;

    public override IReadOnlyList<StatePort> States => _states;

    public override Span<float> Weights => _weights;

    public override Span<float> Gradients => _gradients;

    public Span<float> Floats(string port) => Floats(_ports[port]);

    public override Span<float> Floats(Port port) => _floats.AsSpan((int)port.Offset, (int)port.Count);

    public override Span<float> GradientOf(Port port) => _inputGradients.AsSpan((int)port.Offset, (int)port.Count);

    public override Span<int> Ints(Port port) => _ints.AsSpan((int)port.Offset, (int)port.Count);

    public override void WeightsChanged() => Repacked++;

    public override void Step(bool gradient, float lossScale = 1) => OnStep(this, gradient, lossScale);

    public override void Dispose()
    {
    }

    private void Add(string name, ref long offset, bool integer, params int[] shape)
    {
        _ports.Add(name, new Port(name, offset, shape, integer));
        offset += _ports[name].Count;
    }
}
